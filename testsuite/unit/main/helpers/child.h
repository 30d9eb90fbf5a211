// SPDX-License-Identifier: MIT
// Work in a child process: what fills a table, dies, or forks must not reach the other tests.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

namespace ffi::test {

struct ChildEnd {
  bool exited = false;
  int status = -1;     // of the exit
  int signal = 0;      // that ended it
  std::string errors;  // its standard error

  bool clean() const { return exited && status == 0; }
};

// Run work() in a child, which exits with its return value. Signals have their default action there
// (sanitizers take SIGSEGV for themselves), and SIGALRM ends a child that hangs.
template <typename Work>
ChildEnd in_child(Work &&work, unsigned seconds = 60) {
  ChildEnd end;
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) return end;
  const pid_t child = fork();
  if (child == 0) {
    for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGALRM}) signal(number, SIG_DFL);
    dup2(pipe_ends[1], STDERR_FILENO);
    alarm(seconds);
    _exit(work());
  }
  close(pipe_ends[1]);
  char buffer[4096];
  for (ssize_t got; (got = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    end.errors.append(buffer, static_cast<std::size_t>(got));
  }
  close(pipe_ends[0]);
  // What an emulator says of the child's death is not the child's word.
  const std::size_t emulator = end.errors.find("qemu: uncaught target signal ");
  if (emulator != std::string::npos)
    end.errors.erase(emulator, end.errors.find('\n', emulator) - emulator + 1);
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child) return end;
  end.exited = WIFEXITED(status);
  if (end.exited) end.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
  return end;
}

}  // namespace ffi::test
