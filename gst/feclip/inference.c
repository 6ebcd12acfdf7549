/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "feclip/inference.h"

#include "feclip/frame_reader.h"
#include "plugin.h"

#define GST_CAT_DEFAULT gst_feclip_debug

gboolean
gst_feclip_inference_init (GstFeclipInference *self, FeclipModel *model,
                           FeclipSettings *settings,
                           GstFeclipBatchClient *member, GError **error)
{
  *self = (GstFeclipInference){
      .model = g_object_ref (model),
      .member = gst_feclip_batch_client_ref (member),
  };
  self->detector =
      gst_feclip_batch_client_new_detector (member, model, settings, error);
  return self->detector != NULL;
}

void
gst_feclip_inference_clear (GstFeclipInference *self)
{
  g_clear_pointer (&self->reader, gst_feclip_frame_reader_free);
  g_clear_object (&self->detector);
  g_clear_object (&self->model);
  g_clear_pointer (&self->member, gst_feclip_batch_client_unref);
}

void
gst_feclip_inference_change (GstFeclipInference *self, FeclipDetector *detector,
                             GstFeclipBatchClient *member,
                             FeclipSettings *settings)
{
  g_autoptr (GError) error = NULL;

  if (detector != NULL)
    g_set_object (&self->detector, detector);
  if (member != NULL) {
    gst_feclip_batch_client_unref (self->member);
    self->member = gst_feclip_batch_client_ref (member);
  }
  /* All that can go wrong by now is the device, which the next analysis meets
   * with as well. */
  if (settings != NULL
      && !feclip_detector_update_prompts (self->detector, settings, &error))
    GST_WARNING ("%s", error->message);
}

static void
prepare_reader (GstFeclipInference *self, const GstVideoInfo *info)
{
  if (self->reader != NULL && gst_video_info_is_equal (&self->info, info))
    return;
  gst_feclip_frame_reader_free (self->reader);
  self->reader = gst_feclip_frame_reader_new (self->model, info);
  self->info = *info;
}

static gboolean
open_frame (GstFeclipInference *self, const GstFeclipFrameInput *view,
            FeclipFrame *frame, GError **error)
{
  prepare_reader (self, &view->info);
  if (!gst_feclip_frame_reader_open (self->reader, view->buffer, frame, error))
    return FALSE;
  frame->orientation = view->orientation;
  return TRUE;
}

static FeclipResult *
analyse_regions (GstFeclipInference *self, const GstFeclipFrameInput *view,
                 const FeclipFrame *frame, GstFeclipAnalysis *outcome)
{
  gst_feclip_batch_client_set_idle (self->member);
  outcome->rois = gst_feclip_roi_list_analyse (view->buffer, self->detector,
                                               frame, &outcome->error);
  if (outcome->rois == NULL || outcome->rois->len == 0)
    return NULL;
  return feclip_result_merge ((FeclipResult *const *)outcome->rois->pdata,
                              outcome->rois->len);
}

/* With others' frames where there is a batch that can take it. */
static FeclipResult *
analyse_frame (GstFeclipInference *self, const GstFeclipFrameInput *view,
               const FeclipFrame *frame, GstFeclipAnalysis *outcome)
{
  if (self->member != NULL
      && gst_feclip_batch_client_takes (self->member, self->detector))
    return gst_feclip_batch_client_analyse (self->member, self->detector, frame,
                                            view->batch_timeout,
                                            &outcome->company, &outcome->error);
  gst_feclip_batch_client_set_idle (self->member);
  return feclip_detector_analyse (self->detector, frame, &outcome->error);
}

static FeclipResult *
analyse (GstFeclipInference *self, const GstFeclipFrameInput *view,
         GstFeclipAnalysis *outcome)
{
  FeclipFrame frame = {0};
  FeclipResult *result = NULL;

  if (!open_frame (self, view, &frame, &outcome->error))
    return NULL;
  outcome->width = frame.width;
  outcome->height = frame.height;
  if (view->region == GST_FECLIP_INFERENCE_REGION_ROI_LIST)
    result = analyse_regions (self, view, &frame, outcome);
  else
    result = analyse_frame (self, view, &frame, outcome);
  gst_feclip_frame_reader_close (self->reader);
  return result;
}

static GstClockTime
difference (double later, double earlier)
{
  return (GstClockTime)((later - earlier) * GST_SECOND);
}

void
gst_feclip_inference_take (GstFeclipInference *self,
                           const GstFeclipFrameInput *view)
{
  prepare_reader (self, &view->info);
  gst_feclip_frame_reader_take (self->reader, view->buffer);
}

void
gst_feclip_inference_analyse (GstFeclipInference *self,
                              const GstFeclipFrameInput *view,
                              GstFeclipAnalysis *outcome)
{
  GstClockTime begin = gst_util_get_timestamp (), time = 0, rest = 0;
  FeclipStageTimes before, after;

  outcome->company = (GstFeclipBatchStats){.frames = 1};
  feclip_detector_get_stage_times (self->detector, &before);
  outcome->result = analyse (self, view, outcome);
  time = gst_util_get_timestamp () - begin;
  outcome->analysis_time = time - MIN (time, outcome->company.waited);

  feclip_detector_get_stage_times (self->detector, &after);
  rest = outcome->analysis_time;
  outcome->network_time =
      MIN (difference (after.network, before.network) + outcome->company.queued,
           rest);
  rest -= outcome->network_time;
  outcome->result_time = MIN (difference (after.result, before.result), rest);
  /* With what the element does before it has the pixels. */
  outcome->upload_time = rest - outcome->result_time;
}

gboolean
gst_feclip_inference_learn (GstFeclipInference *self,
                            GstFeclipReferences *references,
                            const GstFeclipFrameInput *view, GError **error)
{
  FeclipFrame frame = {0};
  gboolean learnt = FALSE;

  if (!open_frame (self, view, &frame, error))
    return FALSE;
  learnt =
      gst_feclip_references_learn (references, self->detector, &frame, error);
  gst_feclip_frame_reader_close (self->reader);
  return learnt;
}
