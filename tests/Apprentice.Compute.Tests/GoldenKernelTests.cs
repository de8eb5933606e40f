using System.Text.Json;

namespace Apprentice.Compute.Tests;

/// <summary>Kernels against values that another implementation computed in double precision.</summary>
public sealed unsafe class GoldenKernelTests
{
    private const string Folder = "golden/training/operations/";

    /// <summary>Results under this size may be flushed to zero.</summary>
    private const double Denormal = 2e-38;

    [Fact]
    public void GeluAndTanh_EveryCase_MatchGolden() => Each("gelu-exact gelu-tanh tanh", (tensors, name, tolerance, level) =>
    {
        using NativeBuffer x = tensors.Values(name + ".x"), upstream = tensors.Values(name + ".dy");
        using NativeBuffer y = new(x.Length), gradient = new(x.Length);
        switch (name.Split('.')[0])
        {
            case "gelu-exact":
                Gelu.Forward(Kernel.Two, x.Pointer, x.Length, y.Pointer);
                Gelu.Backward(Kernel.Two, x.Pointer, upstream.Pointer, x.Length, gradient.Pointer);
                break;
            case "gelu-tanh":
                Gelu.TanhForward(Kernel.Two, x.Pointer, x.Length, y.Pointer);
                Gelu.TanhBackward(Kernel.Two, x.Pointer, upstream.Pointer, x.Length, gradient.Pointer);
                break;
            default:
                Tanh.Forward(Kernel.Two, x.Pointer, x.Length, y.Pointer);
                Tanh.Backward(Kernel.Two, y.Pointer, upstream.Pointer, x.Length, gradient.Pointer);
                break;
        }

        Close(tensors, name + ".y", y, 1e-6, tolerance, level);
        Close(tensors, name + ".dx", gradient, 2e-6, tolerance + 1e-6, level);
    });

    [Fact]
    public void Softmax_EveryCase_MatchesGolden() => Each("softmax", (tensors, name, tolerance, level) =>
    {
        using NativeBuffer x = tensors.Values(name + ".x");
        if (tensors.Has(name + ".mask"))
        {
            using NativeBuffer mask = tensors.Values(name + ".mask");
            for (int i = 0; i < x.Length; i++)
            {
                // The file keeps 1 for a place that is seen and 0 for one whose mask is −∞.
                x.Span[i] = mask.Span[i] == 0 ? float.NegativeInfinity : x.Span[i];
            }
        }

        int[] shape = tensors.Shape(name + ".x");
        Softmax.RowsInPlace(Kernel.Two, x.Pointer, shape[0], shape[1]);
        Close(tensors, name + ".y", x, 1e-6, tolerance, level);
    });

    [Fact]
    public void CrossEntropy_OfEachClass_IsGoldenLogSoftmax() => Each("log-softmax", (tensors, name, tolerance, level) =>
    {
        using NativeBuffer x = tensors.Values(name + ".x"), losses = new(x.Length), gradient = new(x.Length);
        int[] shape = tensors.Shape(name + ".x");
        for (int i = 0; i < x.Length; i++)
        {
            int label = i % shape[1];
            losses.Span[i] = (float)-CrossEntropy.ForwardBackward(Kernel.Two, x.Pointer + (i - label), 1, shape[1], &label, 1, gradient.Pointer);
        }

        Close(tensors, name + ".y", losses, 1e-6, tolerance + 1e-7, level);
    });

    [Fact]
    public void LayerNorm_EveryCase_MatchesGolden() => Each("layernorm-1e-05 layernorm-1e-12", (tensors, name, tolerance, level) =>
    {
        float epsilon = name.Contains("1e-05", StringComparison.Ordinal) ? 1e-5f : 1e-12f;
        int[] shape = tensors.Shape(name + ".x");
        using NativeBuffer x = tensors.Values(name + ".x"), gain = tensors.Values(name + ".w"), bias = tensors.Values(name + ".b"), upstream = tensors.Values(name + ".dy");
        using NativeBuffer y = new(x.Length), mean = new(shape[0]), deviation = new(shape[0]);
        using NativeBuffer gradient = new(x.Length), gainGradient = new(shape[1]), biasGradient = new(shape[1]);
        LayerNorm.Forward(Kernel.Two, x.Pointer, gain.Pointer, bias.Pointer, epsilon, shape[0], shape[1], y.Pointer, mean.Pointer, deviation.Pointer);
        LayerNorm.Backward(
            Kernel.Two, x.Pointer, gain.Pointer, mean.Pointer, deviation.Pointer, upstream.Pointer, shape[0], shape[1],
            gradient.Pointer, gainGradient.Pointer, biasGradient.Pointer);
        Close(tensors, name + ".y", y, 2e-6, tolerance, level);

        // A gradient is as large as the inverse deviation: up to 1/√ε where a row hardly varies.
        Close(tensors, name + ".dx", gradient, 2e-5, tolerance + (2e-6 * deviation.Span.ToArray().Max()), level);
        Close(tensors, name + ".dw", gainGradient, 2e-5, (10 * tolerance) + 2e-6, level);
        Close(tensors, name + ".db", biasGradient, 1e-5, 2e-6, level);
    });

    private static void Each(string kinds, Action<GoldenTensors, string, double, SimdLevel> check)
    {
        GoldenTensors tensors = new(Apprentice.Testing.SharedFiles.Require(Folder + "operations.safetensors"));
        using JsonDocument list = JsonDocument.Parse(File.ReadAllText(Apprentice.Testing.SharedFiles.Require(Folder + "operations.json")));
        int checks = 0;
        foreach (JsonElement one in list.RootElement.GetProperty("cases").EnumerateArray())
        {
            string name = one.GetProperty("name").GetString()!;
            if (kinds.Split(' ').Contains(name.Split('.')[0]))
            {
                // What float32 arithmetic of the original differs by says how well conditioned a case is.
                double tolerance = (3 * one.GetProperty("torch_float32_max_abs_difference").GetDouble()) + 2e-7;
                Kernel.AtEveryLevel(level => check(tensors, name, tolerance, level));
                checks++;
            }
        }

        Assert.NotEqual(0, checks);
    }

    private static void Close(GoldenTensors tensors, string name, NativeBuffer actual, double relative, double absolute, SimdLevel level)
    {
        using NativeBuffer expected = tensors.Values(name);
        Kernel.Close(expected.Span, actual.Span, relative, absolute + Denormal, $"{level} {name}");
    }
}
