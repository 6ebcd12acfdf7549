/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/weight_samples.h"

#include "support/weight_writer.h"

/* An object of an unknown class with arguments, state, items and entries. */
static void
pickle_object (Pickle *pickle, const char *opcode)
{
  pickle_raw (pickle, "clightning.fabric\nAttributeDict\n");
  pickle_raw (pickle, *opcode == '\x92' ? ")}" : ")");
  pickle_raw (pickle, opcode);
  pickle_raw (pickle, "}(");
  pickle_string (pickle, "rate");
  pickle_float (pickle, 0.5);
  pickle_raw (pickle, "ub(");
  pickle_string (pickle, "key");
  pickle_raw (pickle, "Nu(K\1K\2e");
}

/* A Lightning file: the state dict among objects of any class. */
GByteArray *
sample_checkpoint (void)
{
  static const gsize storages[] = {64, 0};
  static const gint64 taps[] = {20, 21, 22, 23};
  const PickleTensor proj = {"FloatStorage", "0", 16, 0, 2, {4, 4}};
  const PickleTensor none = {"FloatStorage", "0", 16, 0, 1, {0}};
  Pickle *pickle = pickle_new ();

  pickle_raw (pickle, "}(");
  pickle_string (pickle, "hyper_parameters");
  pickle_object (pickle, "R");
  pickle_string (pickle, "callbacks");
  pickle_object (pickle, "\x81");
  pickle_string (pickle, "loops");
  pickle_object (pickle, "\x92");
  pickle_string (pickle, "tap_indices");
  pickle_list (pickle, taps, G_N_ELEMENTS (taps));
  pickle_string (pickle, "lambda");
  pickle_float (pickle, 0.07);
  pickle_string (pickle, "state_dict");
  pickle_raw (pickle, "ccollections\nOrderedDict\n)R(");
  pickle_string (pickle, "model.clip.visual.proj");
  pickle_tensor (pickle, &proj);
  pickle_string (pickle, "model.visual.proj");
  pickle_tensor (pickle, &proj);
  pickle_string (pickle, "model.model.fc_patch.weight");
  pickle_tensor (pickle, &proj);
  pickle_string (pickle, "model._text_emb");
  pickle_tensor (pickle, &none);
  pickle_string (pickle, "metric._extra_state");
  pickle_object (pickle, "R");
  pickle_string (pickle, "version");
  pickle_int (pickle, -3);
  /* OrderedDict's own state, as PyTorch leaves it: _metadata */
  pickle_raw (pickle, "u}(");
  pickle_string (pickle, "_metadata");
  pickle_raw (pickle, "}ubu");
  return writer_checkpoint (pickle_stop (pickle), storages);
}

#define LAYER "vision_model.encoder.layers.0.self_attn."

GByteArray *
sample_safetensors (void)
{
  return writer_safetensors (
      "{\"__metadata__\":{\"format\":\"pt\",\"tap_indices\":\"[0, 1]\"},"
      "\"" LAYER "q_proj.weight\":{\"dtype\":\"F16\",\"shape\":[2,2],"
      "\"data_offsets\":[0,8]},"
      "\"" LAYER "k_proj.weight\":{\"dtype\":\"BF16\",\"shape\":[2,2],"
      "\"data_offsets\":[8,16]},"
      "\"" LAYER "v_proj.weight\":{\"dtype\":\"F32\",\"shape\":[2,2],"
      "\"data_offsets\":[16,32]},"
      "\"visual_projection.weight\":{\"dtype\":\"F16\",\"shape\":[3,2],"
      "\"data_offsets\":[32,44]},"
      "\"vision_model.embeddings.position_ids\":{\"dtype\":\"I64\","
      "\"shape\":[1,2],\"data_offsets\":[44,60]},"
      "\"logit_scale\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":"
      "[60,64]}}",
      64);
}
