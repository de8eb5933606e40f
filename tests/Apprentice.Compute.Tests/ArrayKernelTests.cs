namespace Apprentice.Compute.Tests;

public sealed unsafe class ArrayKernelTests
{
    private static readonly int[] s_counts = [1, 5, 15, 16, 17, 31, 130, 16384, 40001];

    [Fact]
    public void AdamW_ThreeSteps_MatchesReference() => Kernel.AtEveryLevel(level =>
    {
        foreach (int count in s_counts)
        {
            using NativeBuffer p = Kernel.Random(count, 1), g = Kernel.Random(count, 2, 0.01f), m = new(count), v = new(count);
            using NativeBuffer expectedP = Kernel.Copy(p), expectedM = new(count), expectedV = new(count);
            for (int step = 1; step <= 3; step++)
            {
                float first = 1 - MathF.Pow(0.9f, step), second = 1 - MathF.Pow(0.999f, step);
                AdamW.Reference(expectedP.Pointer, g.Pointer, expectedM.Pointer, expectedV.Pointer, count, 1e-2f, 0.9f, 0.999f, 1e-8f, 0.1f, first, second, 0.5f);
                AdamW.Step(Kernel.Two, p.Pointer, g.Pointer, m.Pointer, v.Pointer, count, 1e-2f, 0.9f, 0.999f, 1e-8f, 0.1f, first, second, 0.5f);
            }

            Kernel.Close(expectedM.Span, m.Span, 1e-6, 0, $"{level} {count} first moment");
            Kernel.Close(expectedV.Span, v.Span, 1e-6, 0, $"{level} {count} second moment");
            Kernel.Close(expectedP.Span, p.Span, 1e-6, 1e-7, $"{level} {count} parameters");
        }
    });

    [Fact]
    public void Dropout_EveryWidth_SameBitsAsReference() => Kernel.AtEveryLevel(level =>
    {
        foreach (int count in s_counts)
        {
            RandomStream random = new(3, (ulong)count);
            using NativeBuffer x = Kernel.Random(count, 1), y = new(count), expected = new(count);
            Dropout.Reference(x.Pointer, count, 0.3f, random, expected.Pointer);
            Dropout.Apply(Kernel.Two, x.Pointer, count, 0.3f, random, y.Pointer);
            Assert.True(expected.Span.SequenceEqual(y.Span), $"{level} {count}");
        }
    });

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public void Dropout_Rate_IsMet(double rate)
    {
        const int Count = 200_000;
        using NativeBuffer x = new(Count);
        x.Span.Fill(1);
        Dropout.Apply(Kernel.Two, x.Pointer, Count, (float)rate, new RandomStream(1, 2), x.Pointer);
        double dropped = x.Span.Count(0f) / (double)Count;

        // Five standard deviations of a share of 200,000 draws.
        Assert.InRange(dropped, rate - (5 * Math.Sqrt(rate * (1 - rate) / Count)), rate + (5 * Math.Sqrt(rate * (1 - rate) / Count)));
        Assert.Equal((float)(1 / (1 - (float)rate)), x.Span.ToArray().Max(), 1e-4f);
    }

    [Fact]
    public void SumOfSquares_OddSizes_MatchesReference() => Kernel.AtEveryLevel(level =>
    {
        foreach (int count in (int[])[.. s_counts, 200_003])
        {
            using NativeBuffer x = Kernel.Random(count, 1);
            double expected = Elementwise.SumOfSquaresReference(x.Pointer, count);
            Assert.Equal(expected, Elementwise.SumOfSquares(Kernel.Two, x.Pointer, count), 1e-6 * expected);

            // Squares beyond float32 are not infinite in double precision.
            x.Span[count / 2] = 1e30f;
            Assert.Equal(1e60, Elementwise.SumOfSquares(Kernel.Two, x.Pointer, count), 1e53);
        }
    });

    [Fact]
    public void DotAndAddScaled_OddSizes_MatchPlainLoops() => Kernel.AtEveryLevel(level =>
    {
        foreach (int count in s_counts)
        {
            using NativeBuffer a = Kernel.Random(count, 1), b = Kernel.Random(count, 2), expected = Kernel.Copy(b);
            double dot = 0;
            for (int i = 0; i < count; i++)
            {
                dot += (double)a.Span[i] * b.Span[i];
                expected.Span[i] += 0.3f * a.Span[i];
            }

            Assert.Equal(dot, RowOperations.Dot(a.Pointer, b.Pointer, count), 1e-5 * Math.Sqrt(count));
            RowOperations.AddScaled(a.Pointer, 0.3f, b.Pointer, count);
            Kernel.Close(expected.Span, b.Span, 1e-6, 1e-6, $"{level} {count}");
        }
    });
}
