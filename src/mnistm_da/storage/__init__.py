"""Where artifacts are kept: on a disk, or in an object store behind any protocol of fsspec. Nothing else knows which.

A path is a `UPath`: on a disk one of Python's own paths, in a store an address with the credentials for it. A version
of a dataset is its data and, beside them, the record of what they were made from. In both places the record is written
first and the data last. So a version is there when its data are: a killed save leaves none. What differs:

| on a disk | in a store |
|---|---|
| a hidden temporary file, flushed, gets its name in one rename | one upload of the whole content, out of memory |
| the same content as before is a hard link | it is stored again |
| a version is renamed before it is deleted | its data are deleted before the rest |
| what is read is compared with its checksum, by `kedro status` too | on load; `kedro status` compares sizes alone |
"""
