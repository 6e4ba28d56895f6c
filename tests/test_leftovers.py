"""The watch over what tests leave behind sees what it has to see."""

import multiprocessing
from multiprocessing.shared_memory import SharedMemory

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
