/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded by run.sh where ThreadSanitizer watches. Debian's GLib is built
 * without it, so that the sanitizer does not see what GLib's locks and
 * reference counts put in order; here they tell it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glib-object.h>

/* There where the program has been built with the sanitizer. */
void __tsan_acquire (void *address) __attribute__ ((weak));
void __tsan_release (void *address) __attribute__ ((weak));

static void
acquire (void *address)
{
  if (__tsan_acquire)
    __tsan_acquire (address);
}

static void
release (void *address)
{
  if (__tsan_release)
    __tsan_release (address);
}

/* GLib's own function of this name. */
#define NEXT(name) ((__typeof__ (&name))dlsym (RTLD_NEXT, #name))

void
g_mutex_lock (GMutex *mutex)
{
  NEXT (g_mutex_lock) (mutex);
  acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  const gboolean locked = NEXT (g_mutex_trylock) (mutex);

  if (locked)
    acquire (mutex);
  return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  release (mutex);
  NEXT (g_mutex_unlock) (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
  release (mutex);
  NEXT (g_cond_wait) (cond, mutex);
  acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
  gboolean signalled;

  release (mutex);
  signalled = NEXT (g_cond_wait_until) (cond, mutex, end_time);
  acquire (mutex);
  return signalled;
}

void (g_once_init_leave) (volatile void *location, gsize result)
{
  release ((void *)location);
  NEXT (g_once_init_leave) (location, result);
}

/* Whoever drops the last reference sees all that was done with the others. */
gboolean (g_atomic_ref_count_dec) (gatomicrefcount *count)
{
  gboolean last;

  release ((void *)count);
  last = NEXT (g_atomic_ref_count_dec) (count);
  acquire ((void *)count);
  return last;
}

void (g_object_unref) (gpointer object)
{
  release (object);
  acquire (object);
  NEXT (g_object_unref) (object);
}
