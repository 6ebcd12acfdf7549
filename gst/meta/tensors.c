/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gst/analytics/analytics.h>

#include "meta/encodings.h"

static GQuark
map_id (void)
{
  return g_quark_from_static_string ("feclip-map");
}

void
fe_tensors_write (GstBuffer *buffer, const FeclipVerdict *verdict)
{
  FeclipResult *result = verdict->result;
  gsize size = sizeof (float) * result->map_width * result->map_height;
  gsize dims[] = {result->map_height, result->map_width};
  GstTensor **tensors = NULL;
  GstBuffer *data = NULL;

  if (size == 0)
    return;
  /* The numbers belong to the result, to which the memory holds a reference. */
  data = gst_buffer_new_wrapped_full (
      GST_MEMORY_FLAG_READONLY, (gpointer)result->map, size, 0, size,
      feclip_result_ref (result), (GDestroyNotify)feclip_result_unref);
  tensors = g_new (GstTensor *, 1);
  tensors[0] = gst_tensor_new_simple (map_id (), GST_TENSOR_DATA_TYPE_FLOAT32,
                                      data, GST_TENSOR_DIM_ORDER_ROW_MAJOR,
                                      G_N_ELEMENTS (dims), dims);
  gst_tensor_meta_set (gst_buffer_add_tensor_meta (buffer), 1, tensors);
}

static gboolean
drop_map (GstBuffer *buffer, GstMeta **meta, gpointer unused)
{
  if ((*meta)->info->api == GST_TENSOR_META_API_TYPE
      && gst_tensor_meta_get_index_from_id ((GstTensorMeta *)*meta, map_id ())
             >= 0)
    *meta = NULL;
  return TRUE;
}

void
fe_tensors_remove (GstBuffer *buffer)
{
  gst_buffer_foreach_meta (buffer, drop_map, NULL);
}
