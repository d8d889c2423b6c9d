"""Downloads against a server on this machine: mirrors, resuming, and what goes wrong."""

import errno
import gzip
import io
import re
import tarfile
import threading
from hashlib import md5, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from mnistm_da.domains import bsds500, download, mnist
from mnistm_da.domains.raw_files import RawDataError

CONTENT = gzip.compress(np.random.default_rng(0).bytes(500_000), mtime=0)
HASH = f"md5:{md5(CONTENT).hexdigest()}"
PAGE = b"\n<!DOCTYPE html><html><title>Sign in</title></html>"
OTHER = {"/altered": CONTENT[::-1], "/page": PAGE, "/empty": b"", "/truncated": CONTENT[:1000]}
ERRORS = {"/missing": 404, "/forbidden": 403, "/overloaded": 503}
ENCODINGS = {"/gzip": "gzip", "/x-gzip": "x-gzip", "/unknown-encoding": "zstd"}
LIES = {"/too-long-a-length": 10, "/too-long-a-length-with-ranges": 10, "/too-short-a-length": -10}


@pytest.fixture
def server(monkeypatch):
    """Serve `CONTENT` as good and bad mirrors do, by the path; keeps the requests it got."""
    monkeypatch.setattr(download, "PAUSE", 0.01)
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            start = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
            requests.append((self.path, start and int(start[1])))
            if self.path in ERRORS:
                self.send_error(ERRORS[self.path])
                return
            if self.path == "/signed-out":
                self.send_response(302)
                self.send_header("Location", "/page")
                self.end_headers()
                return
            body = OTHER.get(self.path, CONTENT)
            ranged = start and self.path not in ("/whole-only", "/too-long-a-length")
            if ranged and int(start[1]) >= len(body):
                self.send_error(416)
                return
            body = body[int(start[1]) :] if ranged else body
            body = body[7:] if ranged and self.path == "/other-range" else body
            self.send_response(206 if ranged else 200)
            if ranged:
                first = len(CONTENT) - len(body)
                self.send_header("Content-Range", f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}")
            if self.path in ENCODINGS and "identity" in self.headers["Accept-Encoding"]:
                self.send_header("Content-Encoding", ENCODINGS[self.path])
            if self.path != "/no-length":
                self.send_header("Content-Length", str(len(body) + LIES.get(self.path, 0)))
            self.end_headers()
            breaks = self.path in ("/cut", "/whole-only", "/other-range") and len(requests) == 1
            self.wfile.write(body[: len(body) // 2] if breaks else body)

        def log_message(self, *args):
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True).start()
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


@pytest.mark.parametrize("part", [b"something else", PAGE, CONTENT[:100], CONTENT, CONTENT + b"more"])
def test_a_part_that_an_earlier_try_left_does_no_harm(part, server, tmp_path):
    (tmp_path / "file.gz.part").write_bytes(part)
    assert fetch(server, "/good", folder=tmp_path).read_bytes() == CONTENT
    assert [path.name for path in tmp_path.iterdir()] == ["file.gz"]


@pytest.mark.parametrize("path", ["/page", "/signed-out", "/empty", "/truncated", "/forbidden", "/too-short-a-length"])
def test_a_mirror_that_sends_something_else_is_asked_once_and_the_next_one_then(path, server, tmp_path):
    assert fetch(server, path, "/good", folder=tmp_path).read_bytes() == CONTENT
    assert [asked for asked, _ in server.requests if asked != "/page"][-1] == "/good"
    assert len([asked for asked, _ in server.requests if asked == path]) == 1


@pytest.mark.parametrize("path", [*ENCODINGS, "/no-length", *list(LIES)[:2], "/other-range"])
def test_what_a_server_says_of_the_file_changes_nothing_of_it(path, server, tmp_path):
    assert fetch(server, path, folder=tmp_path).read_bytes() == CONTENT


def test_an_overloaded_mirror_is_tried_again(server, tmp_path):
    assert fetch(server, "/overloaded", "/good", folder=tmp_path).read_bytes() == CONTENT
    assert [path for path, _ in server.requests] == ["/overloaded"] * download.ATTEMPTS + ["/good"]


def test_a_web_page_is_named_in_the_message_and_not_kept(server, tmp_path):
    with pytest.raises(RawDataError, match="it sent a web page and not the file"):
        fetch(server, "/signed-out", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_proxy_is_used(server, tmp_path, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, server.url)
    address = "http://mnist.invalid/file.gz"
    assert download.fetch([address], tmp_path, "file.gz", HASH).read_bytes() == CONTENT
    assert server.requests == [(address, None)]


def test_a_folder_that_cannot_be_written_is_told_before_anyone_is_asked(server, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RawDataError) as caught:
        fetch(server, "/good", "/good", folder=tmp_path / "file" / "mnist")
    assert server.requests == []
    assert str(caught.value).startswith(
        f"could not write {tmp_path}/file/mnist (Not a directory). Make room, or change"
    )
    assert "put it in" not in str(caught.value)


def test_a_disk_that_is_full_is_told_at_once(server, tmp_path, monkeypatch):
    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "_write", fail)
    with pytest.raises(RawDataError, match=r"could not write .*file\.gz \(No space left on device\)\. Make room"):
        fetch(server, "/good", "/good", folder=tmp_path)
    assert len(server.requests) == 1


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


def test_an_archive_of_another_content_is_not_kept_and_the_next_mirror_is_asked(server, tmp_path, monkeypatch):
    """The archives have no known digest: what counts is that all photos are in them."""
    monkeypatch.delenv("MNISTM_RAW_DIR", raising=False)
    photo, file = b"a photo", io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        info = tarfile.TarInfo("BSR/BSDS500/data/images/train/1.jpg")
        info.size = len(photo)
        archive.addfile(info, io.BytesIO(photo))
    monkeypatch.setitem(OTHER, "/archive", file.getvalue())
    monkeypatch.setattr(bsds500, "manifest", lambda: {"train/1.jpg": sha256(photo).hexdigest()})
    monkeypatch.setattr(bsds500, "_decode", lambda path, digest: path.read_bytes())

    def load(*mirrors):
        monkeypatch.setattr(bsds500, "ARCHIVES", {"a.tgz": [server.url + path for path in mirrors]})
        return bsds500.load_bsds500(tmp_path / "bsds500")

    for _ in range(2):  # the second run asks again
        with pytest.raises(RawDataError, match=r"could not download a\.tgz"):
            load("/page", "/truncated", "/good")
        assert list((tmp_path / "bsds500").iterdir()) == []
    assert [path for path, _ in server.requests] == ["/page", "/truncated", "/good"] * 2
    assert load("/page", "/truncated", "/archive") == {"train": [photo], "test": []}
