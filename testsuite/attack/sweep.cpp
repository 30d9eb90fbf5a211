// SPDX-License-Identifier: MIT
// Attack: overwrite, one after the other, every word that the library owns in writable memory,
//   with flipped bits and with pointers of the attacker's, and call every closure.
// Level: W
// Ends: unharmed
// Weakened: unprotected
#include <signal.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "attack.h"

namespace attack {
namespace {

std::vector<const Victim *> victims;
Record forged;  // a record that goes to the attacker, in memory of his

struct Word {
  std::uintptr_t *at;
  std::uintptr_t value;
};

enum Outcome { right = 0, wrong = 10, broke_later = 11 };

// In a child: one word overwritten, every closure called, and then the usual life goes on.
Outcome suffer(const Word &word) {
  *word.at = word.value;
  for (const Victim *const victim : victims) {
    if (victim->call(1) != 43) return wrong;
  }
  // From here on the child may crash, or wait for ever for a lock that nobody holds: its
  // bookkeeping is broken. It may not go to the attacker.
  for (const int number : {SIGSEGV, SIGBUS, SIGABRT, SIGALRM}) {
    signal(number, [](int) { _exit(broke_later); });
  }
  alarm(2);
  for (int i = 0; i < 5; ++i) {
    const Victim fresh;
    if (fresh.call(1) != 43) return wrong;
    ffi_closure_free(fresh.closure);
  }
  return right;
}

std::string errors_of(int fd) {
  std::string text;
  char buffer[512];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(got));
  return text;
}

// False, with a line that says so, if the child did anything but the right thing or end cleanly.
bool survives(const Word &word, const int (&pipe_ends)[2]) {
  const pid_t child = fork();
  if (child == 0) {
    dup2(pipe_ends[1], STDERR_FILENO);
    alarm(60);
    _exit(suffer(word));
  }
  int status;
  if (child < 0 || waitpid(child, &status, 0) != child) end(cannot_try, "no child process");
  const std::string errors = errors_of(pipe_ends[0]);
  if (WIFEXITED(status)) {
    if (WEXITSTATUS(status) == right || WEXITSTATUS(status) == broke_later) return true;
  } else if (WTERMSIG(status) == SIGABRT && errors.starts_with("libffi: fatal: ")) {
    return true;
  }
  fprintf(stderr, "word %p = %#zx: status %x %s\n", static_cast<void *>(word.at), word.value,
          status, errors.c_str());
  if (WIFEXITED(status) && WEXITSTATUS(status) == reached)
    end(reached, "a word led to the attacker");
  return false;
}

std::vector<std::uintptr_t *> all_words() {
  std::vector<std::uintptr_t *> words;
  void *start;
  std::size_t bytes;
  for (unsigned i = 0; ffi_test_view(i, &start, &bytes); ++i) {
    auto *const first = static_cast<std::uintptr_t *>(start);
    for (std::size_t k = 0; k < bytes / sizeof *first; ++k) words.push_back(first + k);
  }
  return words;
}

void forge() {
  forged = *victims[0]->record();
  forged.fun = reinterpret_cast<void (*)()>(attacker_function);
  forged.handler = 1;
}

// The values a word is given: those of an attacker who knows addresses, and accidents.
std::vector<std::uintptr_t> values_for(std::uintptr_t old, unsigned turn) {
  const auto pointer = [](auto *to) { return reinterpret_cast<std::uintptr_t>(to); };
  std::vector<std::uintptr_t> values = {pointer(attacker_function)};
  switch (turn % 4) {  // each word gets two, its neighbours the others
    case 0: values.push_back(old ^ 1u << turn / 4 % 32); break;
    case 1: values.push_back(pointer(&forged)); break;
    case 2: values.push_back(pointer(victims[1]->record())); break;
    default: values.push_back(pointer(victims[turn % victims.size()]->closure)); break;
  }
  return values;
}

}  // namespace
}  // namespace attack

int main() {
  using namespace attack;
  for (int i = 0; i < 300; ++i) victims.push_back(new Victim);
  usleep(25000);
  for (int i = 0; i < 10; ++i) victims.push_back(new Victim);  // these are young
  forge();
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_NONBLOCK) != 0) end(cannot_try, "no pipe");
  unsigned tried = 0, bad = 0;
  for (std::uintptr_t *const word : all_words()) {
    for (const std::uintptr_t value : values_for(*word, tried)) {
      bad += !survives({word, value}, pipe_ends);
      ++tried;
    }
  }
  fprintf(stderr, "%u overwritten words, %u of them did harm\n", tried, bad);
  if (tried < 1000) end(cannot_try, "too few words to be all of them");
  end(bad == 0 ? unharmed : reached);
}
