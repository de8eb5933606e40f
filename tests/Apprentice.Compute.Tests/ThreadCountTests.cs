namespace Apprentice.Compute.Tests;

/// <summary>The number of threads changes no bit of any result.</summary>
public sealed unsafe class ThreadCountTests
{
    private const int Rows = 333, Width = 129, Count = Rows * Width;

    [Fact]
    public void PointwiseKernels_OneTwoThreeThreads_SameBits()
    {
        using NativeBuffer x = Kernel.Random(Count, 1), upstream = Kernel.Random(Count, 2);
        Same("gelu", (workers, y) => Gelu.Forward(workers, x.Pointer, Count, y.Pointer));
        Same("gelu gradient", (workers, y) => Gelu.Backward(workers, x.Pointer, upstream.Pointer, Count, y.Pointer));
        Same("tanh gelu", (workers, y) => Gelu.TanhForward(workers, x.Pointer, Count, y.Pointer));
        Same("tanh", (workers, y) => Tanh.Forward(workers, x.Pointer, Count, y.Pointer));
        Same("sum", (workers, y) => Elementwise.Add(workers, x.Pointer, upstream.Pointer, Count, y.Pointer));
        Same("product", (workers, y) => Elementwise.Scale(workers, x.Pointer, Count, 0.3f, y.Pointer));
        Same("dropout", (workers, y) => Dropout.Apply(workers, x.Pointer, Count, 0.1f, new RandomStream(1, 2), y.Pointer));
    }

    [Fact]
    public void RowKernels_OneTwoThreeThreads_SameBits()
    {
        using NativeBuffer x = Kernel.Random(Count, 1), upstream = Kernel.Random(Count, 2), gain = Kernel.Random(Width, 3), bias = Kernel.Random(Width, 4);
        using NativeBuffer mean = new(Rows), deviation = new(Rows), other = new(Count);
        Same("norm", (workers, y) => LayerNorm.Forward(workers, x.Pointer, gain.Pointer, bias.Pointer, 1e-5f, Rows, Width, y.Pointer, mean.Pointer, deviation.Pointer));
        Same("norm gradient", (workers, y) => LayerNorm.Backward(
            workers, x.Pointer, gain.Pointer, mean.Pointer, deviation.Pointer, upstream.Pointer, Rows, Width, y.Pointer + (2 * Width), y.Pointer, y.Pointer + Width),
            Count + (2 * Width));
        Same("bias gradient", (workers, y) => Elementwise.BiasGradient(workers, upstream.Pointer, Rows, Width, y.Pointer));
        Same("bias", (workers, y) =>
        {
            x.Span.CopyTo(y.Span);
            Elementwise.AddBias(workers, y.Pointer, bias.Pointer, Rows, Width);
        });
        Same("softmax", (workers, y) =>
        {
            x.Span.CopyTo(y.Span);
            Softmax.RowsInPlace(workers, y.Pointer, Rows, Width);
        });
        int[] labels = [.. Enumerable.Range(0, Rows).Select(row => row % Width)];
        Same("cross-entropy", (workers, y) =>
        {
            fixed (int* label = labels)
            {
                y.Pointer[Count] = (float)CrossEntropy.ForwardBackward(workers, x.Pointer, Rows, Width, label, 1, y.Pointer);
            }
        }, Count + 1);
    }

    [Fact]
    public void SumOfSquares_OneTwoThreeThreads_SameBits()
    {
        const int Many = 300_001;
        using NativeBuffer x = Kernel.Random(Many, 1);
        double one = Elementwise.SumOfSquares(Workers.Single, x.Pointer, Many);
        Assert.Equal(one, Elementwise.SumOfSquares(Kernel.Two, x.Pointer, Many));
        Assert.Equal(one, Elementwise.SumOfSquares(Kernel.Three, x.Pointer, Many));
    }

    [Fact]
    public void Attention_OneTwoThreeThreads_SameBits()
    {
        const int Heads = 3, Size = 16, Hidden = Heads * Size, Tokens = 200;
        int[] offsets = [0, 7, 150, 200];
        RandomStream random = new(5, 9);
        using NativeBuffer qkv = Kernel.Random(Tokens * 3 * Hidden, 1), upstream = Kernel.Random(Tokens * Hidden, 2), sums = new(Heads * Tokens), output = new(Tokens * Hidden);
        Same("attention", (workers, y) => Attention.Forward(workers, qkv.Pointer, offsets, Heads, Size, 0.25f, false, 0.1f, random, y.Pointer, sums.Pointer), Tokens * Hidden);
        Attention.Forward(Workers.Single, qkv.Pointer, offsets, Heads, Size, 0.25f, false, 0.1f, random, output.Pointer, sums.Pointer);
        Same("attention gradient", (workers, y) => Attention.Backward(
            workers, qkv.Pointer, offsets, Heads, Size, 0.25f, false, 0.1f, random, output.Pointer, sums.Pointer, upstream.Pointer, y.Pointer), Tokens * 3 * Hidden);
    }

    [Fact]
    public void TrainingSteps_OneTwoThreeThreads_SameBits()
    {
        float[] one = Train(Workers.Single), two = Train(Kernel.Two), three = Train(Kernel.Three);
        Assert.All(one, value => Assert.True(float.IsFinite(value)));
        Assert.True(one.AsSpan().SequenceEqual(two));
        Assert.True(one.AsSpan().SequenceEqual(three));
    }

    /// <summary>Three steps of a transformer layer with two losses; its losses and all parameters.</summary>
    private static float[] Train(Workers workers)
    {
        const int Hidden = 48, Inner = 200, Vocabulary = 90;
        int[] offsets = [0, 70, 90, 300];
        using ParameterSet set = new();
        Parameter words = set.Declare("words", [Vocabulary, Hidden], true);
        Parameter gain = set.Declare("gain", [Hidden], false), bias = set.Declare("bias", [Hidden], false);
        Parameter projection = set.Declare("qkv", [3 * Hidden, Hidden], true), projectionBias = set.Declare("qkv bias", [3 * Hidden], false);
        Parameter up = set.Declare("up", [Inner, Hidden], true), upBias = set.Declare("up bias", [Inner], false);
        Parameter down = set.Declare("down", [Hidden, Inner], true), downBias = set.Declare("down bias", [Hidden], false);
        set.Build();
        SeededRandom random = new(3);
        foreach (Parameter parameter in set.Parameters)
        {
            foreach (ref float value in parameter.Values)
            {
                value = (float)random.NextGaussian() * 0.2f;
            }
        }

        int[] ids = [.. Enumerable.Range(0, offsets[^1]).Select(_ => random.NextInt(Vocabulary))];
        int[] labels = [.. ids.Select(id => random.NextInt(3) == 0 ? id : -1)];
        List<float> results = [];
        using Optimiser optimiser = new(set, new OptimiserOptions { WeightDecay = 0.01f });
        using Tape tape = new(workers) { Training = true };
        for (int step = 0; step < 3; step++)
        {
            tape.Reset();
            tape.DropoutSeed = (ulong)step;
            set.ClearGradients();
            Tensor x = tape.ResidualNorm(tape.Embedding([words], [ids]), null, gain, bias, 1e-5f);
            Tensor attended = tape.Attention(tape.Linear(x, projection, projectionBias), offsets, 3, causal: false, 0.1f);
            x = tape.ResidualNorm(tape.DropoutOf(attended, 0.1f), x, gain, bias, 1e-5f);
            x = tape.Linear(tape.GeluOf(tape.Linear(x, up, upBias)), down, downBias);
            Tensor pooled = tape.TanhOf(tape.UnitRows(tape.MeanRows(x, [(0, 70), (70, 90), (90, 300)])));
            Tensor loss = tape.WeightedSum(
                (tape.CrossEntropyOf(tape.Linear(x, words, null), labels), 1), (tape.CrossEntropyOf(pooled, [0, 1, 2]), 0.5f));
            tape.Backward(loss);
            results.Add(loss.Span[0]);
            results.Add((float)optimiser.Step(workers, 1e-2));
        }

        foreach (Parameter parameter in set.Parameters)
        {
            results.AddRange(parameter.Values);
        }

        return [.. results];
    }

    private static void Same(string what, Action<Workers, NativeBuffer> run, int count = Count)
    {
        using NativeBuffer one = new(count), two = new(count), three = new(count);
        run(Workers.Single, one);
        run(Kernel.Two, two);
        run(Kernel.Three, three);
        Assert.True(one.Span.SequenceEqual(two.Span), what);
        Assert.True(one.Span.SequenceEqual(three.Span), what);
    }
}
