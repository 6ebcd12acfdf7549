/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/ignored_fill.h"

#include "image/fill_sources.h"
#include "compute/ops.h"

static FeBuffer *
mask_buffer_new (const FeIgnoreMask *mask, FeDevice *device, GError **error)
{
  gsize head = sizeof mask->stride;
  gsize size = (gsize)mask->stride * mask->height * sizeof *mask->words;
  g_autoptr (FeBuffer) buffer =
      fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_R32_UINT, head + size,
                     "the ignore mask", error);

  if (!buffer || !fe_buffer_write (buffer, 0, &mask->stride, head, error)
      || !fe_buffer_write (buffer, head, mask->words, size, error))
    return NULL;
  return g_steal_pointer (&buffer);
}

/* Entries of tiles without affected pixels are NULL. */
static void
free_sources (gpointer buffer)
{
  fe_buffer_free (buffer);
}

gboolean
fe_ignored_fill_init (FeIgnoredFill *self, FeDevice *device,
                      const FePolygons *polygons, const FeRect *part,
                      guint frame_width, guint frame_height, guint edge,
                      GError **error)
{
  gsize size = (gsize)edge * edge * sizeof (float);

  *self = (FeIgnoredFill){
      .edge = edge,
      .sources = g_ptr_array_new_with_free_func (free_sources),
  };
  return fe_ignore_mask_init (&self->mask, polygons, part, frame_width,
                              frame_height, error)
         && (self->ignored = mask_buffer_new (&self->mask, device, error))
         && (self->kept =
                 fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_UNDEFINED,
                                size, "counted fractions of pixels", error));
}

void
fe_ignored_fill_clear (FeIgnoredFill *self)
{
  g_clear_pointer (&self->ignored, fe_buffer_free);
  g_clear_pointer (&self->kept, fe_buffer_free);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  fe_ignore_mask_clear (&self->mask);
}

gboolean
fe_ignored_fill_add_tile (FeIgnoredFill *self, FeDevice *device,
                          const guint8 *affected, GError **error)
{
  gsize size = (gsize)self->edge * self->edge * sizeof (guint32);
  g_autoptr (FeBuffer) buffer = NULL;
  g_autofree guint32 *sources = NULL;

  if (affected) {
    sources = fe_fill_sources_new (affected, self->edge);
    buffer = fe_buffer_new (device, FE_BUFFER_DEVICE, VK_FORMAT_UNDEFINED, size,
                            "sources of ignored pixels", error);
    if (!buffer || !fe_buffer_write (buffer, 0, sources, size, error))
      return FALSE;
  }
  g_ptr_array_add (self->sources, g_steal_pointer (&buffer));
  return TRUE;
}

gboolean
fe_ignored_fill_is_needed (const FeIgnoredFill *self, guint tile)
{
  return self->sources && g_ptr_array_index (self->sources, tile);
}

void
fe_ignored_fill_record (FeIgnoredFill *self, guint tile, FeCommands *commands,
                        const FeMatrix *patches, guint patch_size)
{
  const guint32 push[] = {self->edge, patches->offset, patches->panel_stride};
  const FeDispatch dispatch = {
      .kernel = FE_KERNEL_FILL_IGNORED,
      .use = "frame",
      .constants = {patch_size},
      .buffers = {patches->buffer, self->kept,
                  g_ptr_array_index (self->sources, tile)},
      .push = push,
      .push_size = sizeof push,
      .groups = {fe_groups (fe_commands_get_device (commands), self->edge),
                 self->edge},
  };

  fe_commands_dispatch (commands, &dispatch);
}
