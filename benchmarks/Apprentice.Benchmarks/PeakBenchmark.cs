using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Apprentice.Compute;

namespace Apprentice.Benchmarks;

/// <summary>Multiply-add peaks in FLOP/s.</summary>
/// <param name="One">With one thread.</param>
/// <param name="All">With all threads.</param>
internal sealed record Peaks(double One, double All);

/// <summary>Measures the float32 multiply-add peak with twelve independent sums in registers, whose total is used so that nothing is left out.</summary>
internal static unsafe class PeakBenchmark
{
    private const int Sums = 12;
    private const int Rounds = 40_000;

    public static Peaks Run(BenchmarkPage page, Workers workers, double seconds)
    {
        int lanes = Simd.Level switch { SimdLevel.Vector512 => 16, SimdLevel.Vector256 => 8, SimdLevel.Vector128 => 4, _ => 1 };
        using NativeBuffer results = new(64 * workers.ThreadCount);
        nint place = (nint)results.Pointer;
        double flops = 2.0 * Sums * Rounds * lanes;
        double one = flops / Machine.Best(seconds, () => new Work(place).Run(0));

        // Work of some short pieces a thread: the best run is then one that nothing disturbed.
        int pieces = 4 * workers.ThreadCount;
        double all = flops * pieces / Machine.Best(seconds, () => workers.Run(pieces, new Work(place)));
        page.Line("| float32 multiply-add peak | GFLOP/s |");
        page.Line("| --- | ---: |");
        page.Line($"| 1 thread | {one / 1e9:F1} |");
        page.Line($"| {workers.ThreadCount} threads | {all / 1e9:F1} |");
        page.Line();
        return new Peaks(one, all);
    }

    private readonly struct Work(nint place) : IBlockWork
    {
        public void Run(int block)
        {
            float total = Simd.Level switch
            {
                SimdLevel.Vector512 => Peak512(1e-9f),
                SimdLevel.Vector256 => Peak256(1e-9f),
                _ => Peak128(1e-9f),
            };
            ((float*)place)[0] = total;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Peak512(float start)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(start);
        Vector512<float> s0 = y, s1 = y, s2 = y, s3 = y, s4 = y, s5 = y, s6 = y, s7 = y, s8 = y, s9 = y, s10 = y, s11 = y;
        for (int round = 0; round < Rounds; round++)
        {
            s0 = Vector512.MultiplyAddEstimate(s0, x, y);
            s1 = Vector512.MultiplyAddEstimate(s1, x, y);
            s2 = Vector512.MultiplyAddEstimate(s2, x, y);
            s3 = Vector512.MultiplyAddEstimate(s3, x, y);
            s4 = Vector512.MultiplyAddEstimate(s4, x, y);
            s5 = Vector512.MultiplyAddEstimate(s5, x, y);
            s6 = Vector512.MultiplyAddEstimate(s6, x, y);
            s7 = Vector512.MultiplyAddEstimate(s7, x, y);
            s8 = Vector512.MultiplyAddEstimate(s8, x, y);
            s9 = Vector512.MultiplyAddEstimate(s9, x, y);
            s10 = Vector512.MultiplyAddEstimate(s10, x, y);
            s11 = Vector512.MultiplyAddEstimate(s11, x, y);
        }

        return Vector512.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Peak256(float start)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(start);
        Vector256<float> s0 = y, s1 = y, s2 = y, s3 = y, s4 = y, s5 = y, s6 = y, s7 = y, s8 = y, s9 = y, s10 = y, s11 = y;
        for (int round = 0; round < Rounds; round++)
        {
            s0 = Vector256.MultiplyAddEstimate(s0, x, y);
            s1 = Vector256.MultiplyAddEstimate(s1, x, y);
            s2 = Vector256.MultiplyAddEstimate(s2, x, y);
            s3 = Vector256.MultiplyAddEstimate(s3, x, y);
            s4 = Vector256.MultiplyAddEstimate(s4, x, y);
            s5 = Vector256.MultiplyAddEstimate(s5, x, y);
            s6 = Vector256.MultiplyAddEstimate(s6, x, y);
            s7 = Vector256.MultiplyAddEstimate(s7, x, y);
            s8 = Vector256.MultiplyAddEstimate(s8, x, y);
            s9 = Vector256.MultiplyAddEstimate(s9, x, y);
            s10 = Vector256.MultiplyAddEstimate(s10, x, y);
            s11 = Vector256.MultiplyAddEstimate(s11, x, y);
        }

        return Vector256.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Peak128(float start)
    {
        Vector128<float> x = Vector128.Create(0.999f), y = Vector128.Create(start);
        Vector128<float> s0 = y, s1 = y, s2 = y, s3 = y, s4 = y, s5 = y, s6 = y, s7 = y, s8 = y, s9 = y, s10 = y, s11 = y;
        for (int round = 0; round < Rounds; round++)
        {
            s0 = Vector128.MultiplyAddEstimate(s0, x, y);
            s1 = Vector128.MultiplyAddEstimate(s1, x, y);
            s2 = Vector128.MultiplyAddEstimate(s2, x, y);
            s3 = Vector128.MultiplyAddEstimate(s3, x, y);
            s4 = Vector128.MultiplyAddEstimate(s4, x, y);
            s5 = Vector128.MultiplyAddEstimate(s5, x, y);
            s6 = Vector128.MultiplyAddEstimate(s6, x, y);
            s7 = Vector128.MultiplyAddEstimate(s7, x, y);
            s8 = Vector128.MultiplyAddEstimate(s8, x, y);
            s9 = Vector128.MultiplyAddEstimate(s9, x, y);
            s10 = Vector128.MultiplyAddEstimate(s10, x, y);
            s11 = Vector128.MultiplyAddEstimate(s11, x, y);
        }

        return Vector128.Sum(s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11);
    }
}
