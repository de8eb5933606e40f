using Apprentice.Compute;

namespace Apprentice.Benchmarks;

/// <summary>The matrix products of training: forward x · Wᵀ, input gradient dy · W and weight gradient dyᵀ · x.</summary>
internal static unsafe class GemmBenchmark
{
    private static readonly (string Model, int Tokens, int In, int Out)[] Shapes =
    [
        ("base", 1024, 768, 768), ("base", 1024, 768, 2304), ("base", 1024, 768, 3072), ("base", 1024, 3072, 768),
        ("base", 128, 768, 768), ("base", 128, 768, 3072),
        ("nano", 1024, 256, 256), ("nano", 1024, 256, 768), ("nano", 1024, 256, 1024), ("nano", 1024, 1024, 256), ("nano", 2000, 256, 1024),
    ];

    public static void Run(BenchmarkPage page, Workers workers, Peaks peaks, double seconds)
    {
        page.Line("| model | tokens | in | out | forward | share | input gradient | share | weight gradient | share |");
        page.Line("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach ((string model, int tokens, int inputs, int outputs) in Shapes)
        {
            using NativeBuffer x = Filled((long)tokens * inputs), weight = Filled((long)outputs * inputs), y = Filled((long)tokens * outputs);
            double flops = 2.0 * tokens * inputs * outputs;
            double forward = flops / Machine.Best(seconds, () => Gemm.Multiply(
                workers, false, true, tokens, outputs, inputs, 1, x.Pointer, inputs, weight.Pointer, inputs, 0, y.Pointer, outputs));
            double input = flops / Machine.Best(seconds, () => Gemm.Multiply(
                workers, false, false, tokens, inputs, outputs, 1, y.Pointer, outputs, weight.Pointer, inputs, 0, x.Pointer, inputs));
            double weights = flops / Machine.Best(seconds, () => Gemm.Multiply(
                workers, true, false, outputs, inputs, tokens, 1, y.Pointer, outputs, x.Pointer, inputs, 0, weight.Pointer, inputs));
            page.Line(
                $"| {model} | {tokens} | {inputs} | {outputs} | {forward / 1e9:F0} | {forward / peaks.All:P0} | {input / 1e9:F0} | {input / peaks.All:P0} "
                + $"| {weights / 1e9:F0} | {weights / peaks.All:P0} |");
        }

        page.Line();
    }

    private static NativeBuffer Filled(long count)
    {
        NativeBuffer buffer = new(count);
        RandomStream random = new(1, 1);
        for (long i = 0; i < count; i++)
        {
            // Small enough that the repeated products, which write into each other's inputs, stay finite.
            buffer.Pointer[i] = (random.Uniform((ulong)i) - 0.5f) * 0.05f;
        }

        return buffer;
    }
}
