# shellcheck shell=bash
# The one environment: Python with every pinned requirement, and the programs that tests and the
# demonstration run. Source this file; it makes what is missing inside .build and asks no questions.
#
#   environment_python            .build/venv, complete; ends the script with a sentence if impossible
#   environment_provide PROGRAM   .build/bin/<php, phpunit | phpcs | mariadbd | systemd-analyze>; returns 1 with a
#                                 sentence on standard error if this machine cannot have it
#
# What stands on the PATH and is new enough is used. What is missing is unpacked from the
# distribution's packages (see ops/lib/unpack), so nothing is ever installed on the host.

PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
BUILD=$PROJECT/.build
VENV=$BUILD/venv

# Programs start faster with compiled modules, and the checkout stays clean of them.
unset PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX=$BUILD/pycache

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$@"
    exit 1
}

# Two scripts at once in one checkout: the second waits for the first.
locked() {
    mkdir -p "$BUILD"
    (
        flock 9
        "$@"
    ) 9>"$BUILD/lock"
}

# --- Python -------------------------------------------------------------------------------------

python_is_usable() {
    "$1" -c 'import sys, venv, ensurepip, sqlite3, ssl; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    local candidate
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        candidate=$(command -v "$candidate") || continue
        if python_is_usable "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    [ -x "$BUILD/bin/python3" ] || "$PROJECT/ops/lib/unpack" python || return 1
    readlink -f "$BUILD/bin/python3"
}

# An unpacked Debian Python has no ensurepip; it runs pip from the wheel unpacked beside it.
pip_of_venv() {
    local wheel
    wheel=$(find "$BUILD/root/usr/share/python-wheels" -name 'pip-*.whl' 2>/dev/null | head -n 1)
    if "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
        "$VENV/bin/python" -m pip --disable-pip-version-check "$@"
    else
        PYTHONPATH=$wheel "$VENV/bin/python" -m pip --disable-pip-version-check "$@"
    fi
}

make_venv() {
    local python=$1 wanted=$2
    say "making the Python environment (about half a minute, once) ..."
    rm -rf "$VENV"
    case $python in
    "$BUILD"/*) "$python" -m venv --without-pip "$VENV" ;;
    *) "$python" -m venv "$VENV" ;;
    esac || fail "$python cannot make a virtual environment in $VENV."
    pip_of_venv install --quiet --require-hashes --only-binary :all: -r "$PROJECT/ops/requirements.txt" \
        || fail "The pinned Python packages could not be installed (pip's reason stands above): check the network and run again."
    install_project
    printf '%s\n' "$wanted" >"$VENV/.made-from"
}

# The project itself: importable from this checkout, with its command, and nothing downloaded.
install_project() {
    local site
    site=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$PROJECT" >"$site/erp-sidecar.pth"
    cat >"$VENV/bin/erp-sidecar" <<SCRIPT
#!$VENV/bin/python
"""Start the command line."""
import sys

from sidecar.cli import main

sys.exit(main())
SCRIPT
    chmod 755 "$VENV/bin/erp-sidecar"
}

environment_python() {
    locked ensure_venv || exit 1
}

ensure_venv() {
    local python wanted
    if [ -r "$VENV/.made-from" ]; then
        wanted="$(requirements_sum) $PROJECT"
        [ "$(cat "$VENV/.made-from")" = "$wanted" ] && "$VENV/bin/python" -c '' 2>/dev/null && return
    fi
    python=$(find_python) || fail "Python 3.11 or newer is needed: none is on the PATH and none could be unpacked; install python3 and python3-venv."
    make_venv "$python" "$(requirements_sum) $PROJECT"
}

requirements_sum() { sha256sum <"$PROJECT/ops/requirements.txt" | cut -d ' ' -f 1; }

# --- Other programs -----------------------------------------------------------------------------

environment_provide() { locked ensure_program "$1"; }

ensure_program() {
    case $1 in
    php)
        has php && has phpunit && return
        php_is_usable && link php && link phpunit && return
        ;;
    phpcs)
        has phpcs && return
        link phpcs && return
        "$PROJECT/ops/lib/unpack" php && has phpcs && return
        fail "The distribution has no php-codesniffer: put phpcs on the PATH."
        ;;
    mariadb)
        has mariadbd && return
        link mariadbd && return
        ;;
    systemd)
        has systemd-analyze && return
        link systemd-analyze && return
        ;;
    *) fail "environment_provide knows php, phpcs, mariadb and systemd, not '$1'." ;;
    esac
    "$PROJECT/ops/lib/unpack" "$1"
}

has() { [ -x "$BUILD/bin/$1" ]; }

link() {
    local found
    found=$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1") || return 1
    mkdir -p "$BUILD/bin"
    ln -sfn "$found" "$BUILD/bin/$1"
}

php_is_usable() {
    command -v php >/dev/null && php -r 'exit(PHP_VERSION_ID >= 80100 && extension_loaded("pdo_mysql")
        && extension_loaded("mbstring") && extension_loaded("dom") ? 0 : 1);' 2>/dev/null
}
