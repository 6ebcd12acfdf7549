/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Every kernel beside plain C, over shapes that no tile fits. The environment
 * says which code and which width of vectors runs, see meson.build. */
#include "kernels/ops_tests.h"

#include "support/trial.h"

/* Kept open, so that each pipeline is made once for all tests. */
static FeDevice *device;

static const char *
coopmat_of (const FeDevice *self)
{
  if (!self->coopmat.k)
    return "no cooperative matrices";
  if (!self->coopmat2.invocations)
    return "cooperative matrices";
  return self->coopmat2.tensors ? "flexible cooperative matrices with tensors"
                                : "flexible cooperative matrices";
}

static void
skip (void)
{
  g_test_skip (trial_get_obstacle (device));
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  device = fe_device_open (NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s, panels of %u, %s, %s", device->name, device->panel,
                  device->subgroup_kernels ? "subgroup kernels"
                                           : "workgroup kernels",
                  coopmat_of (device));

  if (trial_get_obstacle (device)) {
    g_test_add_func ("/ops", skip);
  } else {
    add_product_tests ();
    add_strassen_tests ();
    add_attention_tests ();
    add_adapter_tests ();
    add_scoring_tests ();
    add_peak_tests ();
    add_reference_tests ();
    add_backward_tests ();
    add_backward_adapter_tests ();
  }
  status = g_test_run ();
  fe_device_unref (device);
  return status;
}
