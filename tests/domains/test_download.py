"""Downloads against a server on this machine: mirrors, resuming, and what goes wrong."""

import re
import threading
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mnistm_da.domains import bsds500, download, mnist
from mnistm_da.domains.raw_files import RawDataError

CONTENT = bytes(range(256)) * 2000
HASH = f"md5:{md5(CONTENT).hexdigest()}"


@pytest.fixture
def server(monkeypatch):
    """Serve `CONTENT`: /good, /cut (breaks off once in the middle), /altered; keeps the requests it got."""
    monkeypatch.setattr(download, "PAUSE", 0.01)
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            start = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
            requests.append((self.path, start and int(start[1])))
            if self.path == "/missing":
                self.send_error(404)
                return
            body = CONTENT[::-1] if self.path == "/altered" else CONTENT
            ranged = start and self.path != "/whole-only"
            body = body[int(start[1]) :] if ranged else body
            self.send_response(206 if ranged else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            breaks = self.path in ("/cut", "/whole-only") and len(requests) == 1
            self.wfile.write(body[: len(body) // 2] if breaks else body)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    http.requests, http.url = requests, f"http://127.0.0.1:{http.server_port}"
    yield http
    http.shutdown()
    http.server_close()


def fetch(server, *paths, folder):
    return download.fetch([server.url + path for path in paths], folder, "file.gz", HASH)


def test_a_good_file_arrives_whole(server, tmp_path):
    assert fetch(server, "/good", folder=tmp_path).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["file.gz"]


def test_a_broken_download_is_taken_up_where_it_broke(server, tmp_path):
    assert fetch(server, "/cut", folder=tmp_path).read_bytes() == CONTENT
    (_, first), (_, second) = server.requests
    assert first is None
    assert 0 < second <= len(CONTENT) // 2


def test_a_server_that_cannot_resume_sends_it_anew(server, tmp_path):
    assert fetch(server, "/whole-only", folder=tmp_path).read_bytes() == CONTENT
    assert len(server.requests) == 2


def test_the_next_mirror_is_tried(server, tmp_path):
    assert fetch(server, "/missing", "/altered", "/good", folder=tmp_path).read_bytes() == CONTENT
    assert [path for path, _ in server.requests] == ["/missing", "/altered", "/good"]


def test_a_part_that_does_not_belong_is_thrown_away(server, tmp_path):
    (tmp_path / "file.gz.part").write_bytes(b"something else")
    assert fetch(server, "/good", "/good", folder=tmp_path).read_bytes() == CONTENT


def test_an_altered_file_is_never_kept(server, tmp_path):
    with pytest.raises(RawDataError, match=r"could not download file.gz"):
        fetch(server, "/altered", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_network_says_what_to_put_where_and_names_the_sample(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "PAUSE", 0)
    closed = "http://127.0.0.1:9/file.gz"
    with pytest.raises(RawDataError) as caught:
        download.fetch([closed], tmp_path, "file.gz", HASH)
    message = str(caught.value)
    assert f"Download it yourself from {closed} and put it in {tmp_path}" in message
    assert "kedro run --pipelines=dann --env=sample" in message


def test_missing_mnist_files_are_downloaded_and_verified(server, tmp_path, monkeypatch):
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    monkeypatch.setattr(mnist, "MIRRORS", (server.url + "/",))
    with pytest.raises(RawDataError, match=r"could not download train-images-idx3-ubyte.gz .*md5"):
        mnist.load_mnist(tmp_path / "mnist")


def test_bsds500_without_network_names_every_archive(tmp_path, monkeypatch):
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    monkeypatch.setattr(download, "PAUSE", 0)
    monkeypatch.setattr(
        bsds500, "ARCHIVES", {"a.tgz": ("http://127.0.0.1:9/a.tgz",), "b.zip": ("http://127.0.0.1:9/b",)}
    )
    with pytest.raises(RawDataError, match=r"a\.tgz[\s\S]*b\.zip"):
        bsds500.load_bsds500(tmp_path / "bsds500")
