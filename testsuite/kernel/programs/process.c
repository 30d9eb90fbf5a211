/* SPDX-License-Identifier: MIT */
/* The descriptor in other processes: passed on, kept over exec(), left by a dead owner. */
#include "harness.h"

#include <sys/socket.h>

static int channel[2];

static void send_descriptor(int to, int fd) {
  char byte = 0, control[CMSG_SPACE(sizeof fd)] = {0};
  struct iovec data = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof fd);
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  if (sendmsg(to, &message, 0) != 1) die("sendmsg");
}

static int receive_descriptor(int from) {
  char byte, control[CMSG_SPACE(sizeof(int))];
  struct iovec data = {&byte, 1};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  int fd;
  if (recvmsg(from, &message, 0) != 1 || !CMSG_FIRSTHDR(&message)) return -1;
  memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
  return fd;
}

/* How many of the calls on @fd are refused with EPERM, of 5. */
static int refusals(int fd) {
  const uint64_t pc = (uintptr_t)handler_a;
  struct trampfd_record record = make_record(handler_a, 1);
  struct trampfd_adopt adopt = {0};
  struct trampfd_info got;
  int count = 0;
  count += set_pcs(fd, 1, &pc) == -1 && errno == EPERM;
  count += pwrite(fd, &record, sizeof record, 1 << 14) == -1 && errno == EPERM;
  count += pread(fd, &got, sizeof got, 0) == -1 && errno == EPERM;
  count += ioctl(fd, TRAMPFD_ADOPT, &adopt) == -1 && errno == EPERM;
  count += mmap(NULL, 1 << 16, PROT_READ, MAP_SHARED, fd, 1 << 14) == MAP_FAILED && errno == EPERM;
  return count;
}

static int sender(void *unused) {
  (void)unused;
  int fd = open_object();
  struct table table = map_table(fd, 0);
  set_record(&table, 0, handler_a, 1);
  send_descriptor(channel[1], fd);
  return 0;
}

int main(int count, char **arguments) {
  if (count == 3 && !strcmp(arguments[1], "--after-exec"))
    return refusals(atoi(arguments[2])) != 5;

  if (socketpair(AF_UNIX, SOCK_STREAM, 0, channel)) die("socketpair");
  check_ends(sender, NULL, 0, "a process sends its descriptor and ends");
  int fd = receive_descriptor(channel[0]);
  check(fd >= 0 && refusals(fd) == 5, "the receiver can do nothing with it");
  /* Many address spaces later none has become the dead owner's. */
  int wrong = 0;
  for (int i = 0; i < 64; i++) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) _exit(refusals(fd));
    int status;
    waitpid(child, &status, 0);
    wrong += WEXITSTATUS(status) != 5;
  }
  check(wrong == 0, "nor can 64 younger processes");
  close(fd);

  int mine = open(DEVICE, O_RDWR); /* not close-on-exec, on purpose */
  char number[12];
  snprintf(number, sizeof number, "%d", mine);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    execl("/proc/self/exe", arguments[0], "--after-exec", number, (char *)NULL);
    _exit(1);
  }
  int status;
  waitpid(child, &status, 0);
  check(status == 0, "a descriptor that survives exec() is dead");
  close(mine);

  /* The owner's own mapping outlives all of its descriptors, here in a vfork() child. */
  int object = open_object();
  struct table table = map_table(object, 0);
  child = vfork();
  if (child == 0) _exit(set_record(&table, 0, handler_a, 3) != 0);
  waitpid(child, &status, 0);
  check(status == 0 && slot_at(&table, 0)(0) == answer_a(3, 0),
        "a child that shares the memory shares the object");
  int copy = dup(object);
  close(object);
  table.fd = copy;
  check(set_record(&table, 0, handler_b, 4) == 0, "dup() is the same object");
  return finish();
}
