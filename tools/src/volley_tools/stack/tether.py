"""Runs a command that dies with the process that started it.

    python -I tether.py SIGNAL PARENT USER COMMAND ...

SIGNAL (a number) is what the kernel sends the command when its parent, process PARENT, is gone, however that
ended. USER is whom to run as ("" for the same). It is a program of its own, and imports nothing of ours, because
the life line has to be set after the change of user, in the process that becomes the command.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    death_signal, parent, user, *command = sys.argv[1:]
    if user:
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal))
    if os.getppid() != int(parent):  # it died before the life line was set
        sys.exit("the parent process is gone")
    os.execvp(command[0], command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
