/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/interrupt.h"

#include <signal.h>

static volatile sig_atomic_t pending;

static void
remember (int number)
{
  pending = number;
}

void
fe_interrupt_catch (void)
{
  const struct sigaction action = {
      .sa_handler = remember,
      .sa_flags = (int)(SA_RESETHAND | SA_RESTART),
  };

  sigaction (SIGINT, &action, NULL);
  sigaction (SIGTERM, &action, NULL);
}

gboolean
fe_interrupt_is_pending (void)
{
  return pending != 0;
}

void
fe_interrupt_obey (void)
{
  signal (pending, SIG_DFL);
  raise (pending);
}
