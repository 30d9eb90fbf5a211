# SPDX-License-Identifier: MIT
# Functions of ./quickstart and ./check (bash): named steps with progress and quiet logs, and the configured builds.

# Where the terminal shows it, a running step counts its seconds in place; elsewhere it says now and then that it lives.
step_failures=0

# What a reader of a failed step's log looks for: the tests that failed, wherever they stand, and the end.
step_report() {
  local log=$1 failing
  failing=$(head -n -10 "$log" | grep -m 40 -E '^(FAIL|XPASS|UNRESOLVED|ERROR)[: ]|^\[  FAILED  \]|(^|[ :])(fatal )?error: ')
  [ -z "$failing" ] || printf '%s\n' "$failing" '...'
  tail -n 10 "$log"
}

# step TITLE LOG COMMAND...: runs the command with its output in LOG; on failure shows what failed.
step() {
  local title=$1 log=$2 begin=$SECONDS status
  shift 2
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 </dev/null &
  local child=$!
  step_wait "$title" "$begin" "$child" &
  local watcher=$!
  wait "$child"
  status=$?
  kill "$watcher" 2>/dev/null
  wait "$watcher" 2>/dev/null
  [ -t 1 ] && printf '\r\033[K'
  if [ $status -eq 0 ]; then
    printf '  %-44s ok      %4d s\n' "$title" $((SECONDS - begin))
  else
    step_failures=$((step_failures + 1))
    printf '  %-44s FAILED  %4d s\n' "$title" $((SECONDS - begin))
    step_report "$log" | sed 's/^/    | /'
    echo "    (all of it: $log)"
  fi
  return $status
}

step_wait() {
  local title=$1 begin=$2 child=$3 pause=30
  [ -t 1 ] && pause=1
  # Its own sleep ends with it, so that nobody waits for an orphan's open output.
  trap 'kill $! 2>/dev/null; exit 0' TERM
  while :; do
    sleep $pause >/dev/null 2>&1 &
    wait $!
    kill -0 "$child" 2>/dev/null || return
    if [ -t 1 ]; then
      printf '\r  %-44s ...     %4d s' "$title" $((SECONDS - begin))
    else
      printf '  %-44s ...     %4d s\n' "$title" $((SECONDS - begin))
    fi
  done
}

# first_of COMMAND...: the first that this machine has.
first_of() {
  local name
  for name; do
    command -v "$name" >/dev/null && { echo "$name"; return 0; }
  done
  return 1
}

# bootstrap TREE: makes configure and its company, when the tree comes from version control and they are missing or old.
# A lock keeps two builds of one tree from doing so at once.
bootstrap() {
  local tree=$1
  (
    cd "$tree" || exit 1
    exec 9>"${TMPDIR:-/tmp}/libffi-bootstrap.$(id -u).$(pwd | cksum | cut -d' ' -f1)" && flock 9
    # version.h files feed AC_INIT, lists of sources feed Makefile.in: any of them newer means once more.
    if [ -x configure ] && [ -f Makefile.in ] && [ -z "$(find configure.ac Makefile.am m4/ffi.m4 \
      include/ffi_hardened.h ./*/sources.am -newer configure 2>/dev/null)" ]; then
      exit 0
    fi
    autoreconf -fi
  )
}

# configured TREE DIR ARGUMENT...: DIR configured with just these arguments; done again only when they change.
configured() {
  local tree=$1 dir=$2 wish
  shift 2
  wish="$*"
  mkdir -p "$dir" || return 1
  if [ -f "$dir/Makefile" ] && [ "$(cat "$dir/configured-with" 2>/dev/null)" = "$wish" ] \
    && [ ! "$tree/configure" -nt "$dir/config.status" ]; then
    echo "configured already: $wish"
    return 0
  fi
  rm -rf "$dir"
  mkdir -p "$dir" && (cd "$dir" && "$tree/configure" "$@") && printf '%s' "$wish" >"$dir/configured-with"
}
