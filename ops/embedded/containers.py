"""A throw-away MySQL in a container, where Docker answers."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache

from ops.embedded.server import ServerAddress, ServerNotStartedError

MYSQL_IMAGE = "mysql:8.0"
PASSWORD = "throw-away"  # noqa: S105 (of a container that is gone in a minute)
ANSWERS_WITHIN = timedelta(seconds=60)


@cache
def docker_answers() -> bool:
    """Whether a Docker daemon answers; asked once."""
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        run = subprocess.run([docker, "info"], capture_output=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return False
    return run.returncode == 0


@contextmanager
def running_mysql_container() -> Iterator[ServerAddress]:
    """A MySQL 8.0 container that runs until the block ends."""
    from docker.errors import DockerException  # noqa: PLC0415 (only where a daemon answers)
    from testcontainers.community.mysql import MySqlContainer  # noqa: PLC0415 (the same)

    container = MySqlContainer(MYSQL_IMAGE, root_password=PASSWORD)
    try:
        container.start()
    except (DockerException, TimeoutError) as error:
        raise ServerNotStartedError(f"Docker answers but could not start {MYSQL_IMAGE}: {error}") from error
    try:
        port = int(container.get_exposed_port(3306))
        address = ServerAddress(container.get_container_host_ip(), port, "root", PASSWORD)
        address.wait_until_it_answers(ANSWERS_WITHIN, lambda: None)
        yield address
    finally:
        container.stop()
