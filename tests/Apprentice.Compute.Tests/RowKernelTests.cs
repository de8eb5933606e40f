namespace Apprentice.Compute.Tests;

public sealed unsafe class RowKernelTests
{
    /// <summary>Widths around every register width, and shapes that need several blocks.</summary>
    private static readonly (int Rows, int Width)[] s_shapes = [(1, 1), (3, 2), (5, 7), (33, 17), (2, 31), (70, 65), (4, 130), (100, 257), (3, 3001)];

    [Fact]
    public void LayerNorm_OddSizes_MatchesReference() => Kernel.AtEveryLevel(level =>
    {
        foreach ((int rows, int width) in s_shapes)
        {
            using NativeBuffer x = Kernel.Random(rows * width, 1, 3), gain = Kernel.Random(width, 2), bias = Kernel.Random(width, 3), upstream = Kernel.Random(rows * width, 4);
            using NativeBuffer y = new(rows * width), mean = new(rows), deviation = new(rows), expected = new(rows * width), expectedMean = new(rows), expectedDeviation = new(rows);
            for (int i = 0; i < width; i++)
            {
                // One row far from zero: its deviation must not drown in its mean.
                x.Span[((rows - 1) * width) + i] += 1000;
            }

            LayerNorm.ForwardReference(x.Pointer, gain.Pointer, bias.Pointer, 1e-5f, rows, width, expected.Pointer, expectedMean.Pointer, expectedDeviation.Pointer);
            LayerNorm.Forward(Kernel.Two, x.Pointer, gain.Pointer, bias.Pointer, 1e-5f, rows, width, y.Pointer, mean.Pointer, deviation.Pointer);
            string what = $"{level} {rows}x{width}";
            Kernel.Close(expectedMean.Span, mean.Span, 2e-6, 1e-6, what + " mean");
            Kernel.Close(expectedDeviation.Span, deviation.Span, 2e-5, 0, what + " deviation");
            Kernel.Close(expected.Span, y.Span, 2e-5, 2e-5, what + " output");

            using NativeBuffer gradient = new(rows * width), gainGradient = Kernel.Random(width, 5), biasGradient = Kernel.Random(width, 6);
            using NativeBuffer expectedGradient = new(rows * width), expectedGain = Kernel.Copy(gainGradient), expectedBias = Kernel.Copy(biasGradient);
            LayerNorm.BackwardReference(
                x.Pointer, gain.Pointer, expectedMean.Pointer, expectedDeviation.Pointer, upstream.Pointer, rows, width,
                expectedGradient.Pointer, expectedGain.Pointer, expectedBias.Pointer);
            LayerNorm.Backward(
                Kernel.Two, x.Pointer, gain.Pointer, expectedMean.Pointer, expectedDeviation.Pointer, upstream.Pointer, rows, width,
                gradient.Pointer, gainGradient.Pointer, biasGradient.Pointer);
            double size = 1e-6 * Math.Max(1, expectedDeviation.Span.ToArray().Max());
            Kernel.Close(expectedGradient.Span, gradient.Span, 2e-5, 5 * size, what + " gradient");
            Kernel.Close(expectedGain.Span, gainGradient.Span, 2e-5, 2e-5, what + " gain gradient");
            Kernel.Close(expectedBias.Span, biasGradient.Span, 2e-5, 2e-5, what + " bias gradient");
        }
    });

    [Fact]
    public void Softmax_OddSizes_MatchesReference() => Kernel.AtEveryLevel(level =>
    {
        foreach ((int rows, int width) in s_shapes)
        {
            using NativeBuffer x = Kernel.Random(rows * width, 1, 40), expected = Kernel.Copy(x);
            Softmax.Reference(expected.Pointer, rows, width);
            Softmax.RowsInPlace(Kernel.Two, x.Pointer, rows, width);
            Kernel.Close(expected.Span, x.Span, 5e-6, 1e-30, $"{level} {rows}x{width}");
        }
    });

    [Fact]
    public void CrossEntropy_OddSizes_MatchesReference() => Kernel.AtEveryLevel(level =>
    {
        foreach ((int rows, int width) in s_shapes)
        {
            using NativeBuffer logits = Kernel.Random(rows * width, 1, 30), gradient = new(rows * width), expected = new(rows * width);
            int[] labels = new int[rows];
            for (int row = 0; row < rows; row++)
            {
                labels[row] = row % 3 == 2 ? CrossEntropy.Ignored : row * 7 % width;
            }

            fixed (int* label = labels)
            {
                double wanted = CrossEntropy.Reference(logits.Pointer, rows, width, label, 0.7f, expected.Pointer);
                double loss = CrossEntropy.ForwardBackward(Kernel.Two, logits.Pointer, rows, width, label, 0.7f, gradient.Pointer);
                Assert.Equal(wanted, loss, 1e-5 * (1 + Math.Abs(wanted)));
                Kernel.Close(expected.Span, gradient.Span, 5e-6, 2e-7, $"{level} {rows}x{width}");

                // The gradient may be written over the logits.
                double inPlace = CrossEntropy.ForwardBackward(Kernel.Two, logits.Pointer, rows, width, label, 0.7f, logits.Pointer);
                Assert.Equal(loss, inPlace);
                Assert.True(gradient.Span.SequenceEqual(logits.Span));
            }
        }
    });

    [Fact]
    public void CrossEntropy_InfiniteAndNaNLogits_AsReference() => Kernel.AtEveryLevel(level =>
    {
        const int Rows = 4, Width = 37;
        using NativeBuffer logits = Kernel.Random(Rows * Width, 1), gradient = new(Rows * Width), expected = new(Rows * Width);
        logits.Span[3] = float.NegativeInfinity;
        logits.Span[Width + 5] = float.PositiveInfinity;
        logits.Span[(2 * Width) + 36] = float.NaN;
        int[] labels = [4, 4, 4, 4];
        fixed (int* label = labels)
        {
            Assert.Equal(double.NaN, CrossEntropy.Reference(logits.Pointer, Rows, Width, label, 1, expected.Pointer));
            Assert.Equal(double.NaN, CrossEntropy.ForwardBackward(Kernel.Two, logits.Pointer, Rows, Width, label, 1, gradient.Pointer));
        }

        Kernel.Close(expected.Span, gradient.Span, 1e-5, 1e-6, $"{level}");
    });

    [Fact]
    public void CrossEntropy_LabelOutside_NamesRow()
    {
        using NativeBuffer logits = new(6);
        int* labels = stackalloc int[2] { 0, 3 };
        ArgumentOutOfRangeException? error = null;
        try
        {
            CrossEntropy.ForwardBackward(Workers.Single, logits.Pointer, 2, 3, labels, 1, logits.Pointer);
        }
        catch (ArgumentOutOfRangeException caught)
        {
            error = caught;
        }

        Assert.Contains("row 1 has label 3", error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddBiasAndBiasGradient_OddSizes_MatchReference() => Kernel.AtEveryLevel(level =>
    {
        foreach ((int rows, int width) in s_shapes)
        {
            using NativeBuffer x = Kernel.Random(rows * width, 1), bias = Kernel.Random(width, 2), expected = Kernel.Copy(x);
            Elementwise.AddBiasReference(expected.Pointer, bias.Pointer, rows, width);
            Elementwise.AddBias(Kernel.Two, x.Pointer, bias.Pointer, rows, width);
            Assert.True(expected.Span.SequenceEqual(x.Span));
            using NativeBuffer sum = Kernel.Copy(bias);
            Elementwise.BiasGradientReference(x.Pointer, rows, width, bias.Pointer);
            Elementwise.BiasGradient(Kernel.Two, x.Pointer, rows, width, sum.Pointer);
            Kernel.Close(bias.Span, sum.Span, 1e-5, 1e-5, $"{level} {rows}x{width}");
        }
    });
}
