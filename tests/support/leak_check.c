/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded by run.sh where LeakSanitizer watches, so that it sees our leaks
 * and can tell them from others':
 *
 * - libraries stay loaded: a leak of a driver that is gone has no name to be
 *   suppressed by;
 * - what libraries' constructors allocate is not counted: GLib gives up its
 *   first table of quarks when that gets too small;
 * - GLib's allocators have frame pointers: without them the sanitizer's fast
 *   unwinder ends inside GLib, and does not see who called. The slow one waits
 *   for itself once LLVM registers the frames of a compiled shader.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>

int dlclose (void *handle);

int
dlclose (void *handle)
{
  (void)handle;
  return 0;
}

/* There where the program has been built with a sanitizer. */
void __lsan_disable (void) __attribute__ ((weak));
void __lsan_enable (void) __attribute__ ((weak));

/* The library is linked with "-z initfirst": this runs before all others'. */
__attribute__ ((constructor)) static void
begin_constructors (void)
{
  if (__lsan_disable)
    __lsan_disable ();
}

typedef int (*Main) (int, char **, char **);
typedef void (*Hook) (void);
typedef int (*StartMain) (Main, int, char **, Hook, Hook, Hook, void *);

int __libc_start_main (Main, int, char **, Hook, Hook, Hook, void *);

int
__libc_start_main (Main main, int argc, char **argv, Hook init, Hook fini,
                   Hook rtld_fini, void *stack_end)
{
  StartMain start_main = (StartMain)dlsym (RTLD_NEXT, "__libc_start_main");

  if (__lsan_enable)
    __lsan_enable ();
  return start_main (main, argc, argv, init, fini, rtld_fini, stack_end);
}

void *g_malloc (size_t size);
void *g_malloc0 (size_t size);
void *g_realloc (void *memory, size_t size);
void *g_malloc_n (size_t n, size_t size);
void *g_malloc0_n (size_t n, size_t size);
void *g_realloc_n (void *memory, size_t n, size_t size);

static void *
check (void *memory)
{
  if (memory == NULL)
    abort ();
  return memory;
}

static size_t
product (size_t n, size_t size)
{
  size_t total;

  if (__builtin_mul_overflow (n, size, &total))
    abort ();
  return total;
}

void *
g_malloc (size_t size)
{
  return size > 0 ? check (malloc (size)) : NULL;
}

void *
g_malloc0 (size_t size)
{
  return size > 0 ? check (calloc (1, size)) : NULL;
}

void *
g_realloc (void *memory, size_t size)
{
  if (size > 0)
    return check (realloc (memory, size));
  free (memory);
  return NULL;
}

void *
g_malloc_n (size_t n, size_t size)
{
  return product (n, size) > 0 ? check (malloc (n * size)) : NULL;
}

void *
g_malloc0_n (size_t n, size_t size)
{
  return product (n, size) > 0 ? check (calloc (n, size)) : NULL;
}

void *
g_realloc_n (void *memory, size_t n, size_t size)
{
  return g_realloc (memory, product (n, size));
}
