#!/usr/bin/env bash
# Sets a Debian or Ubuntu machine up to develop this project: servers, database, environment, tables.
set -Eeuo pipefail

PROJECT=cookiecutter
# The one that the packages bring, whatever else is on PATH; and the oldest that the project runs on.
SYSTEM_PYTHON=/usr/bin/python3
PYTHON_MINIMUM="3, 11"

usage() {
    cat <<USAGE
Usage: ./makefile.sh [OPTION]...

Sets this Debian or Ubuntu machine up to develop $PROJECT. In order:

  1. PostgreSQL, Redis and Python, from the system's packages
  2. a role and a database for the project, with a random password, noted in .env
  3. the virtual environment .venv with the locked requirements
  4. the tables

What is there already stays as it is, so it is safe to run this again.

  --no-servers    without PostgreSQL and Redis: SQLite, and tasks run where they are called
  --with-ansible  install Ansible, too, for the user who runs this
  --with-docker   install Docker and its Compose, too
  --dry-run       print what would be done, and do nothing
  --help          print this
USAGE
}

say() { printf '\n== %s\n' "$*"; }
have() { printf '   %s\n' "$*"; }

# Stops with an error that says what to do next.
refuse() {
    printf 'makefile.sh: %s\n' "$*" >&2
    exit 1
}

# Does what it is given, or says that it would.
run() {
    printf '   $ %s\n' "$*"
    if [ -z "$dry_run" ]; then "$@"; fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        run "$@"
        return
    fi
    [ -n "$dry_run" ] || command -v sudo >/dev/null ||
        refuse "This takes root, and there is no sudo: $*. Install sudo, or be root."
    run sudo "$@"
}

# Runs SQL from standard input as the superuser of PostgreSQL; the words given are options of psql.
ask_postgres() {
    local become=(runuser -u postgres --)
    if [ "$(id -u)" != 0 ]; then become=(sudo -u postgres); fi
    (cd / && "${become[@]}" psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 "$@")
}

read_options() {
    servers=yes ansible='' docker='' dry_run=''
    for option in "$@"; do
        case "$option" in
            --no-servers) servers='' ;;
            --with-ansible) ansible=yes ;;
            --with-docker) docker=yes ;;
            --dry-run) dry_run=yes ;;
            --help | -h) usage && exit 0 ;;
            *)
                printf 'makefile.sh: %s is no option. See ./makefile.sh --help\n' "$option" >&2
                exit 2
                ;;
        esac
    done
}

check_machine() {
    command -v apt-get >/dev/null ||
        refuse "apt-get was not found. This is for Debian and Ubuntu; on other systems follow README.md."
    [ -f manage.py ] || refuse "manage.py is not beside this script. Keep it in the project's folder."
    [ -w . ] || refuse "$PWD cannot be written to by $(id -un). Give the folder to that user: chown"
    [ -z "${SUDO_USER:-}" ] ||
        refuse "Run it without sudo, as the user who develops; it asks for sudo where it has to."
}

is_installed() {
    [ "$(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {
    local wanted=("$@") missing=() name
    for name in "${wanted[@]}"; do
        is_installed "$name" || missing+=("$name")
    done
    if [ ${#missing[@]} = 0 ]; then
        have "installed: ${wanted[*]}"
        return
    fi
    as_root apt-get --quiet update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet install --yes \
        --no-install-recommends "${missing[@]}"
}

# The first package that this system has.
choose_package() {
    local name
    for name in "$@"; do
        if [ -n "$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^  Candidate: \(.*[^)]\)$/\1/p')" ]; then
            echo "$name"
            return
        fi
    done
}

check_python() {
    # Before it is installed, a dry run has none to ask.
    [ -x "$SYSTEM_PYTHON" ] || return 0
    "$SYSTEM_PYTHON" -c "import sys; sys.exit(sys.version_info < ($PYTHON_MINIMUM))" ||
        refuse "$("$SYSTEM_PYTHON" --version) is too old: ${PYTHON_MINIMUM/, /.} or newer is needed. Debian 12 and Ubuntu 24.04 have it."
}

start_server() {
    local service=$1
    shift
    if "$@" >/dev/null 2>&1; then
        have "$service answers"
        return
    fi
    as_root service "$service" start
    [ -z "$dry_run" ] || return 0
    for _ in $(seq 30); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 1
    done
    refuse "$service does not answer. See what it says: journalctl --unit $service, or /var/log"
}

is_set() {
    [ -f .env ] && grep --quiet "^$1=." .env
}

# Adds a line to .env, whole or not at all; nobody else may read what is in it.
note() {
    printf '   %s= is noted in .env\n' "${1%%=*}"
    [ -z "$dry_run" ] || return 0
    local draft
    draft=$(mktemp .env.XXXXXX)
    if [ -f .env ]; then cat .env >"$draft"; fi
    # A file whose last line has no end would swallow the new one.
    if [ -s "$draft" ] && [ -n "$(tail -c 1 "$draft")" ]; then echo >>"$draft"; fi
    printf '%s\n' "$1" >>"$draft"
    mv "$draft" .env
}

make_database() {
    if is_set DATABASE_URL; then
        have "DATABASE_URL stands in .env"
        return
    fi
    printf '   a role and a database "%s"\n' "$PROJECT"
    if [ -n "$dry_run" ]; then
        note DATABASE_URL=
        return
    fi
    local password port verb=CREATE
    password=$("$SYSTEM_PYTHON" -c 'import secrets; print(secrets.token_urlsafe(24))')
    port=$(ask_postgres --command 'SHOW port')
    if [ -n "$(ask_postgres --command "SELECT 1 FROM pg_roles WHERE rolname = '$PROJECT'")" ]; then verb=ALTER; fi
    # On standard input, since everybody may read the words of a command. The tests make a database.
    ask_postgres <<<"$verb ROLE \"$PROJECT\" LOGIN CREATEDB PASSWORD '$password'"
    if [ -z "$(ask_postgres --command "SELECT 1 FROM pg_database WHERE datname = '$PROJECT'")" ]; then
        ask_postgres --command "CREATE DATABASE \"$PROJECT\" OWNER \"$PROJECT\""
    fi
    note "DATABASE_URL=postgres://$PROJECT:$password@127.0.0.1:$port/$PROJECT"
}

find_uv() {
    uv=$(command -v uv || true)
    if [ -n "$uv" ]; then
        have "uv is there: $uv"
        return
    fi
    uv=.uv/bin/uv
    if [ -x "$uv" ]; then
        have "uv is there: $uv"
        return
    fi
    # An environment of its own: the project's holds what is locked, and nothing else.
    run "$SYSTEM_PYTHON" -m venv .uv
    run .uv/bin/python -m pip install --quiet --disable-pip-version-check uv
}

explain_stop() {
    printf 'makefile.sh: stopped at "%s". Nothing is half-written: mend it and run this again.\n' "$step" >&2
}

main() {
    read_options "$@"
    cd "$(dirname "${BASH_SOURCE[0]}")"
    umask 077
    step="the beginning"
    trap explain_stop ERR
    check_machine

    step="the system's packages" && say "1. $step"
    local packages=(python3 python3-venv)
    if [ -n "$servers" ]; then packages+=(postgresql redis-server); fi
    install_packages "${packages[@]}"
    check_python

    step="the database" && say "2. $step"
    if [ -n "$servers" ]; then
        start_server postgresql pg_isready
        start_server redis-server redis-cli ping
        make_database
        if is_set CELERY_BROKER_URL; then
            have "CELERY_BROKER_URL stands in .env"
        else
            note "CELERY_BROKER_URL=redis://127.0.0.1:6379/0"
        fi
    else
        have "SQLite: nothing to set up"
    fi

    step="the virtual environment" && say "3. $step"
    find_uv
    # The folder may be read by others, unlike .env.
    (umask 022 && run env UV_PYTHON_DOWNLOADS=never "$uv" sync --frozen --python "$SYSTEM_PYTHON")

    step="the tables" && say "4. $step"
    run .venv/bin/python manage.py migrate --verbosity=1
    run .venv/bin/python manage.py check

    if [ -n "$ansible" ]; then
        step="Ansible" && say "$step"
        run env UV_PYTHON_DOWNLOADS=never "$uv" tool install --python "$SYSTEM_PYTHON" \
            --with-executables-from ansible-core ansible
    fi
    if [ -n "$docker" ]; then
        step="Docker" && say "$step"
        local compose
        compose=$(choose_package docker-compose-v2 docker-compose-plugin docker-compose)
        install_packages docker.io ${compose:+"$compose"}
        have "To use it without sudo, which makes you as mighty as root: sudo adduser $(id -un) docker"
    fi

    if [ -n "$dry_run" ]; then
        say "This was a dry run: nothing was done."
        return
    fi
    say "It is all there. Go on:"
    have "source .venv/bin/activate"
    have "python manage.py seed_demo       # two accounts to try it with"
    have "python manage.py runserver       # http://127.0.0.1:8000/api/docs/"
    if [ -n "$servers" ]; then have "celery -A $PROJECT worker -l INFO -B   # in a second window"; fi
}

main "$@"
