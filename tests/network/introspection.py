#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Uses the library through GObject introspection, as an application would.

usage: introspection.py FOLDER, the golden weights
"""

import os
import sys

try:
    import gi

    gi.require_version("Feclip", "0")
    from gi.repository import Feclip, GLib
except (ImportError, ValueError) as reason:
    print("skipped:", reason)
    sys.exit(77)


def main(folder):
    settings = Feclip.Settings(
        model_file=os.path.join(folder, "model.safetensors"),
        adapter_file=os.path.join(folder, "adapter.safetensors"),
        map_type=Feclip.MapType.PROBABILITY,
    )
    model = Feclip.Model.new(settings)
    assert model.get_image_size() == 112
    assert model.get_grid_size() == 8
    assert model.get_n_blocks() == 4
    assert model.has_adapters()
    assert model.get_device_name() in [d.name for d in Feclip.list_devices()]
    assert isinstance(Feclip.Detector.new(model, settings), Feclip.Detector)

    info = Feclip.WeightsInfo.new(os.path.join(folder, "model-hf.safetensors"))
    assert info.layout == "Hugging Face"
    assert (info.width, info.embedding, info.n_blocks) == (128, 64, 4)

    assert Feclip.Model.find_builtin().endswith("builtin-model.safetensors")
    assert Feclip.Model.new(Feclip.Settings()).has_adapters()

    calibration = Feclip.Calibration.new(0.1)
    try:
        calibration.finish(None)
    except GLib.Error as error:
        assert error.matches(Feclip.error_quark(), Feclip.Error.INPUT)
    else:
        raise AssertionError("thresholds were made of nothing")

    try:
        Feclip.Model.new(Feclip.Settings(device="no such device"))
    except GLib.Error as error:
        assert error.matches(Feclip.error_quark(), Feclip.Error.DEVICE)
        assert "no such device" in error.message
    else:
        raise AssertionError("a model without a device was made")


main(sys.argv[1])
