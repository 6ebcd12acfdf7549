/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ignored_fill.h"

#include "ops.h"

static FeBuffer *
mask_buffer_new (const FeIgnoreMask *mask, FeDevice *device, GError **error)
{
  gsize head = sizeof mask->stride;
  gsize size = (gsize)mask->stride * mask->height * sizeof *mask->words;
  g_autoptr (FeBuffer) buffer =
      fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_R32_UINT, head + size,
                     "what is ignored", error);

  if (!buffer || !fe_buffer_write (buffer, 0, &mask->stride, head, error)
      || !fe_buffer_write (buffer, head, mask->words, size, error))
    return NULL;
  return g_steal_pointer (&buffer);
}

gboolean
fe_ignored_fill_init (FeIgnoredFill *self, FeDevice *device,
                      const FePolygons *polygons, guint width, guint height,
                      guint edge, GError **error)
{
  gsize pixels = (gsize)edge * edge;

  *self = (FeIgnoredFill){0};
  return fe_ignore_mask_init (&self->mask, polygons, width, height, error)
         && (self->ignored = mask_buffer_new (&self->mask, device, error))
         && (self->kept = fe_buffer_new (
                 device, FE_BUFFER_DEVICE, VK_FORMAT_UNDEFINED,
                 pixels * sizeof (float), "what is not ignored", error))
         && (self->colors = fe_buffer_new (device, FE_BUFFER_DEVICE,
                                           VK_FORMAT_R32G32B32A32_SFLOAT,
                                           (gsize)edge * 4 * sizeof (float),
                                           "the colors of rows", error));
}

void
fe_ignored_fill_clear (FeIgnoredFill *self)
{
  g_clear_pointer (&self->ignored, fe_buffer_free);
  g_clear_pointer (&self->kept, fe_buffer_free);
  g_clear_pointer (&self->colors, fe_buffer_free);
  fe_ignore_mask_clear (&self->mask);
}

void
fe_ignored_fill_record (FeIgnoredFill *self, FeCommands *commands,
                        const FeMatrix *patches, guint patch_size, guint edge)
{
  const guint32 push[] = {edge, patches->offset, patches->panel_stride};
  FeDispatch dispatch = {
      .kernel = FE_KERNEL_ROW_COLORS,
      .use = "frame",
      .constants = {patch_size},
      .buffers = {patches->buffer, self->kept, self->colors},
      .push = push,
      .push_size = sizeof push,
      .groups = {fe_groups (fe_commands_get_device (commands), edge)},
  };

  fe_commands_dispatch (commands, &dispatch);
  dispatch.kernel = FE_KERNEL_FILL_IGNORED;
  fe_commands_dispatch (commands, &dispatch);
}
