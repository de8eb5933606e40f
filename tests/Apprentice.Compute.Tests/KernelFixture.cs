[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Apprentice.Compute.Tests;

/// <summary>Arrays and comparisons for kernel tests.</summary>
internal static unsafe class Kernel
{
    public static readonly Workers Two = new(2);
    public static readonly Workers Three = new(3);

    /// <summary>Every width this process can use, narrow ones by force.</summary>
    public static IEnumerable<SimdLevel> Levels => Enum.GetValues<SimdLevel>().Where(l => l <= Simd.Best);

    public static NativeBuffer Random(long count, ulong seed, float size = 1)
    {
        NativeBuffer buffer = new(count);
        SeededRandom random = new(seed);
        for (long i = 0; i < count; i++)
        {
            buffer.Pointer[i] = (float)random.NextGaussian() * size;
        }

        return buffer;
    }

    public static NativeBuffer Copy(NativeBuffer source)
    {
        NativeBuffer copy = new(source.Length);
        source.Span.CopyTo(copy.Span);
        return copy;
    }

    public static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double relative, double absolute, string what)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (float.IsNaN(expected[i]) ? !float.IsNaN(actual[i])
                : expected[i] != actual[i] && !(Math.Abs((double)expected[i] - actual[i]) <= absolute + (relative * Math.Abs(expected[i]))))
            {
                Assert.Fail($"{what}: place {i} is {actual[i]:R}, expected {expected[i]:R}.");
            }
        }
    }

    /// <summary>Runs the check once at each width.</summary>
    public static void AtEveryLevel(Action<SimdLevel> check)
    {
        try
        {
            foreach (SimdLevel level in Levels)
            {
                Simd.Level = level;
                check(level);
            }
        }
        finally
        {
            Simd.Level = Simd.Best;
        }
    }
}
