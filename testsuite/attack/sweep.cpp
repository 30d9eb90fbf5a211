// SPDX-License-Identifier: MIT
// Attack: overwrite, one after the other, every word that the library owns in writable memory,
//   with flipped bits and with pointers of the attacker's, and call every closure.
// Level: W
// Ends: unharmed
// Weakened: unprotected
#include <link.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

#include <algorithm>
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

bool time_flies = false;

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
    time_flies = true;
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

using Words = std::vector<std::uintptr_t *>;

// Whether a word can be overwritten, seen by having the kernel put there what stands there.
bool is_writable(std::uintptr_t *word) {
  static int ends[2] = {-1, -1};
  if (ends[0] < 0 && pipe(ends) != 0) end(cannot_try, "no pipe");
  char byte;
  if (write(ends[1], word, 1) != 1) return false;
  if (read(ends[0], word, 1) == 1) return true;
  if (read(ends[0], &byte, 1) != 1) end(cannot_try, "no pipe");
  return false;
}

// The library's own variables: its writable segments, but for the pages of them that are not.
int add_variables(dl_phdr_info *object, std::size_t, void *to) {
  const auto within = reinterpret_cast<std::uintptr_t>(ffi_test_address(1)) - object->dlpi_addr;
  const auto holds = [](const ElfW(Phdr) & segment, std::uintptr_t address) {
    return segment.p_type == PT_LOAD && address - segment.p_vaddr < segment.p_memsz;
  };
  const auto *const segments = object->dlpi_phdr;
  const auto *const last = segments + object->dlpi_phnum;
  if (std::none_of(segments, last, [&](auto &segment) { return holds(segment, within); })) return 0;
  for (const auto *segment = segments; segment != last; ++segment) {
    if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_W)) continue;
    const std::uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
    for (std::uintptr_t at = begin; at < begin + segment->p_memsz; at += sizeof at) {
      auto *const word = reinterpret_cast<std::uintptr_t *>(at);
      if (is_writable(word)) static_cast<Words *>(to)->push_back(word);
    }
  }
  return 1;
}

// Each once, those first that ffi_test_view() shows; but for the hook, which is the tests' own.
Words all_words() {
  Words words;
  void *start;
  std::size_t bytes;
  for (unsigned i = 0; ffi_test_view(i, &start, &bytes); ++i) {
    auto *const first = static_cast<std::uintptr_t *>(start);
    for (std::size_t k = 0; k < bytes / sizeof *first; ++k) words.push_back(first + k);
  }
  Words variables, seen = words;
  dl_iterate_phdr(add_variables, &variables);
  if (variables.empty()) end(cannot_try, "no variables of the library's");
  std::sort(seen.begin(), seen.end());
  for (std::uintptr_t *const word : variables) {
    if (static_cast<void *>(word) == &ffi_test_refuse) continue;
    if (!std::binary_search(seen.begin(), seen.end(), word)) words.push_back(word);
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

// The library's clock too. A word may look like that of a writer who is at work: calls wait some
// seconds for him, and need not in each of many children.
extern "C" int clock_gettime(clockid_t clock, timespec *now) noexcept {
  static time_t skew = 0;
  const long status = syscall(SYS_clock_gettime, clock, now);
  if (attack::time_flies) now->tv_sec += ++skew;
  return static_cast<int>(status);
}

int main() {
  using namespace attack;
  // All of the built-in table, and the beginning of a copied one.
  const std::size_t old = ffi::glue::layout::builtin_usable_slots + 46;
  for (std::size_t i = 0; i < old; ++i) victims.push_back(new Victim);
  usleep(25000);
  for (int i = 0; i < 10; ++i) victims.push_back(new Victim);  // these are young
  forge();
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_NONBLOCK) != 0) end(cannot_try, "no pipe");
  const Words words = all_words();
  const char *const asked = getenv("ATTACK_STRIDE");
  const std::size_t stride = asked != nullptr ? strtoul(asked, nullptr, 10) : 1;
  unsigned tried = 0, bad = 0;
  for (std::size_t i = 0; i < words.size(); i += stride) {
    for (const std::uintptr_t value : values_for(*words[i], static_cast<unsigned>(i / stride))) {
      bad += !survives({words[i], value}, pipe_ends);
      ++tried;
    }
  }
  // Each closure has a word that says whose its slot is; young records, of which kernel mode has
  // none, are the most of the others.
  if (words.size() < (in_kernel_mode() ? victims.size() : 1000))
    end(cannot_try, "too few words to be all of them");
  printf("%u values in %zu of %zu words\n", tried, (words.size() + stride - 1) / stride,
         words.size());
  fflush(stdout);
  end(bad == 0 ? unharmed : reached);
}
