# Read by the scripts beside it: what they share. Nothing of it installs anything, or changes the system's package lists.

# Ends with status 3, which says that something from outside is missing, and names it.
lack() {
  echo "$*" >&2
  exit 3
}

# need COMMAND PACKAGE...: ends unless the commands are there.
need() {
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null || lack "needs $1, which is not installed (package $2)"
    shift 2
  done
}

# home DIRECTORY: its absolute path; it is made.
home() {
  mkdir -p "$1" 2>/dev/null && [ -w "$1" ] || lack "cannot write to $1"
  cd "$1" && pwd
}

# recipe_of SCRIPT CONFIGURATION: what a thing is made by, but for comments: it is made anew when that changes.
recipe_of() {
  { grep -v '^ *#' "$1"; cat "$2"; } | sha256sum | cut -c -64
}

# alone FILE: one script at a time holds it; who comes later waits.
alone() {
  need flock util-linux
  exec 9>"$1"
  flock 9
}

# How long a silent server is waited for.
apt_options=(-q -o Acquire::http::Timeout=60 -o Acquire::Retries=1 -o Acquire::Languages=none)
apt_is_own=

# own_apt DIRECTORY ARCHITECTURE TYPES: from now on apt has lists and state of its own. It reads the sources of the system that have
# binary packages; TYPES is `deb`, or `deb deb-src` for source packages besides.
own_apt() {
  apt_is_own=1
  mkdir -p "$1"/lists/partial "$1"/cache/archives/partial "$1/sources"
  local from
  for from in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -e "$from" ] || continue
    case $from in
      *.sources)
        awk -v RS= -v types="$3" '{
          binary = 0
          lines = split($0, line, "\n")
          for (i = 1; i <= lines; i++) if (line[i] ~ /^Types:.*[ \t]deb([ \t]|$)/) { binary = 1; line[i] = "Types: " types }
          if (binary) { for (i = 1; i <= lines; i++) print line[i]; print "" }
        }' "$from"
        ;;
      *.list) for type in $3; do sed -nE "s/^deb(\s)/$type\1/p" "$from"; done ;;
    esac >"$1/sources/${from##*/}"
  done
  apt_options+=(-o "APT::Architecture=$2" -o "APT::Architectures=$2" -o "Dir::State::lists=$1/lists" -o "Dir::Cache=$1/cache"
    -o Dir::State::status=/dev/null -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$1/sources"
    -o "APT::Sandbox::User=$(id -un)")
  # A source that cannot be read is no error yet: another one may have what is wanted.
  apt-get "${apt_options[@]}" update >"$1/update.log" 2>&1 || true
}

# complaints LOG: what apt said first, of what was fetched and in LOG.
complaints() {
  local file
  for file in fetch.log "$1"; do grep -hm1 '^[EW]:' "$file" || true; done | paste -sd ' ' -
}

# fetch PACKAGE...: the packages come into the current directory. The lists of the system are tried first: they may be there, and new enough.
fetch() {
  apt-get "${apt_options[@]}" download "$@" >fetch.log 2>&1 && return
  [ -n "$apt_is_own" ] || {
    own_apt "$PWD/apt" "$(dpkg --print-architecture)" deb
    apt-get "${apt_options[@]}" download "$@" >fetch.log 2>&1 && return
  }
  lack "cannot fetch $*: $(complaints apt/update.log)"
}

# fetch_source PACKAGE: the files of its source come into the current directory.
fetch_source() {
  own_apt "$PWD/apt-source" "$(dpkg --print-architecture)" 'deb deb-src'
  apt-get "${apt_options[@]}" source --download-only "$1" >fetch.log 2>&1 ||
    lack "cannot fetch the source of $1: $(complaints apt-source/update.log)"
}
