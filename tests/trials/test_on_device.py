"""What *Who uses it?* says of norms on devices is in the record."""

from normlib.experiments import trial
from normlib.experiments.rms_norm.who_uses_it import for_devices


def test_what_a_norm_takes_where_one_image_or_one_token_passes():
    one = trial("performance.on_device")

    def share(norm, net, how="as it stands"):
        return one.share(norm, net, how)

    for how in ("as it stands", "compiled"):
        assert 36 < share("RMSNorm", "depthwise", how).mean < 44
        assert 20 < share("BatchNorm", "depthwise", how).mean < 30
        assert abs(share("RMSNorm", "token", how).mean) < 5
    assert share("RMSNorm", "3×3").low > 10


def test_the_nets_give_the_same_with_batch_norm_folded():
    import torch

    from normlib.experiments.performance import on_device

    config = {"channels": 8, "blocks": 2, "width": 64, "depth": 2}
    for kind in ("3×3", "depthwise"):
        nets = on_device.nets(config, kind, 0)
        x = torch.randn(1, 8, 6, 6)
        with torch.no_grad():
            y = nets["BatchNorm"](x)
            torch.testing.assert_close(nets["none"](x), y)
            again = nets["again"](x)
            assert torch.equal(again, nets["none"](x))
            assert not torch.allclose(nets["RMSNorm"](x), y)


def test_a_block_has_four_million_weights():
    from normlib.experiments.performance import on_device

    config = trial("performance.on_device").presets["cpu"] | {"depth": 1}
    net = on_device.nets(config, "token", 0)["none"]
    weights = sum(p.numel() for p in net.sublayers.parameters())
    assert round(weights / 1e6) == 4


def test_the_samples_for_devices():
    found = for_devices()
    assert [len(sample) for sample in found.values()] == [21, 16]
    (one,) = (f.name for f in found["vision net"] if f.has)
    assert one == "mobilenetv5"
