"""The watch over what tests leave behind sees what it has to see."""

import multiprocessing
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

import pytest
from leftovers import child_pids

fork = multiprocessing.get_context("fork")


def test_names_of_this_process_and_of_its_forks_are_known(names_made):
    known = names_made()
    segment = SharedMemory(create=True, size=8)
    try:
        assert names_made() - known == {segment.name}
        child = fork.Process(target=fork.Lock)
        child.start()
        child.join()
        (semaphore,) = names_made() - known - {segment.name}
        assert semaphore.startswith("sem.")  # joblib, once imported, names them its own way
    finally:
        segment.close()
        segment.unlink()


@pytest.mark.parametrize("error", [FileNotFoundError, ProcessLookupError])
def test_a_thread_that_ends_while_children_are_counted_hides_none(monkeypatch, error):
    read, ended = Path.read_text, []

    def once_gone(path, *arguments, **options):
        if not ended:
            ended.append(path)
            raise error(2, "the thread has ended", str(path))
        return read(path, *arguments, **options)

    before = child_pids()
    child = fork.Process(target=fork.Event().wait, daemon=True)
    child.start()
    try:
        monkeypatch.setattr(Path, "read_text", once_gone)
        assert child_pids() - before == {child.pid} and ended
    finally:
        child.kill()
        child.join()
