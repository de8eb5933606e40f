namespace Apprentice.Compute.Tests;

public sealed unsafe class GemmTests
{
    /// <summary>Sums of k products of size about 1 in another order: about √k · 6e-8, taken with room.</summary>
    private const double Tolerance = 2e-5;

    public static TheoryData<bool, bool> Forms => new() { { false, true }, { false, false }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Forms))]
    public void Multiply_OddSizes_MatchesReference(bool transposeA, bool transposeB) => Kernel.AtEveryLevel(level =>
    {
        SeededRandom random = new(7);
        for (int size = 1; size <= 130; size += level == SimdLevel.Scalar ? 43 : 8)
        {
            Check(transposeA, transposeB, size, 1 + random.NextInt(130), 1 + random.NextInt(130), 1, 0);
            Check(transposeA, transposeB, 1 + random.NextInt(130), size, 1 + random.NextInt(20), 0.5f, 1);
            Check(transposeA, transposeB, 1 + random.NextInt(20), 1 + random.NextInt(20), size, -2, 0.25f);
        }

        Check(transposeA, transposeB, 3, 5, 700, 1, 0);
        Check(transposeA, transposeB, 2, 3100, 3, 1, 1);
        Check(transposeA, transposeB, 3, 5, 0, 1, 1);
    });

    [Theory]
    [MemberData(nameof(Forms))]
    public void Multiply_OneTwoThreeThreads_SameBits(bool transposeA, bool transposeB)
    {
        const int M = 203, N = 331, K = 517;
        using NativeBuffer a = Kernel.Random(M * K, 1), b = Kernel.Random(N * K, 2), one = new(M * N), two = new(M * N), three = new(M * N);
        int lda = transposeA ? M : K, ldb = transposeB ? K : N;
        Gemm.Multiply(Workers.Single, transposeA, transposeB, M, N, K, 1, a.Pointer, lda, b.Pointer, ldb, 0, one.Pointer, N);
        Gemm.Multiply(Kernel.Two, transposeA, transposeB, M, N, K, 1, a.Pointer, lda, b.Pointer, ldb, 0, two.Pointer, N);
        Gemm.Multiply(Kernel.Three, transposeA, transposeB, M, N, K, 1, a.Pointer, lda, b.Pointer, ldb, 0, three.Pointer, N);
        Assert.True(one.Span.SequenceEqual(two.Span));
        Assert.True(one.Span.SequenceEqual(three.Span));
    }

    [Fact]
    public void Multiply_BetaZero_IgnoresNaN() => Kernel.AtEveryLevel(level =>
    {
        using NativeBuffer a = Kernel.Random(20 * 9, 1), b = Kernel.Random(50 * 9, 2), c = new(20 * 50);
        c.Span.Fill(float.NaN);
        Gemm.Multiply(Workers.Single, false, true, 20, 50, 9, 1, a.Pointer, 9, b.Pointer, 9, 0, c.Pointer, 50);
        Assert.DoesNotContain(float.NaN, c.Span.ToArray());
    });

    [Fact]
    public void Multiply_NaNAndInfinity_PassThrough() => Kernel.AtEveryLevel(level =>
    {
        using NativeBuffer a = Kernel.Random(20 * 9, 1), b = Kernel.Random(50 * 9, 2), c = new(20 * 50);
        a.Span[9 * 3] = float.NaN;
        a.Span[9 * 5] = float.PositiveInfinity;
        Gemm.Multiply(Workers.Single, false, true, 20, 50, 9, 1, a.Pointer, 9, b.Pointer, 9, 0, c.Pointer, 50);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(i / 50 == 3, float.IsNaN(c.Span[i]));
            Assert.Equal(i / 50 == 5, float.IsInfinity(c.Span[i]));
        }
    });

    [Fact]
    public void MultiplyAddBias_OddSizes_MatchesReference() => Kernel.AtEveryLevel(level =>
    {
        foreach ((int m, int n, int k) in new[] { (1, 1, 1), (17, 49, 5), (40, 96, 300), (5, 131, 64) })
        {
            using NativeBuffer a = Kernel.Random(m * k, 1), b = Kernel.Random(n * k, 2), bias = Kernel.Random(n, 3), c = new(m * n), expected = new(m * n);
            Gemm.Reference(false, true, m, n, k, 1, a.Pointer, k, b.Pointer, k, 0, bias.Pointer, expected.Pointer, n);
            Gemm.MultiplyAddBias(Kernel.Two, false, true, m, n, k, a.Pointer, k, b.Pointer, k, bias.Pointer, c.Pointer, n);
            Kernel.Close(expected.Span, c.Span, Tolerance, Tolerance, $"{level} {m}x{n}x{k}");
        }
    });

    [Fact]
    public void Multiply_RowShorterThanItsDistance_NamesSizes()
    {
        using NativeBuffer x = new(100);
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => Gemm.Multiply(Workers.Single, false, true, 4, 4, 5, 1, x.Pointer, 4, x.Pointer, 5, 0, x.Pointer, 4));
        Assert.Contains("[4, 5] × [5, 4]", error.Message, StringComparison.Ordinal);
    }

    private static void Check(bool transposeA, bool transposeB, int m, int n, int k, float alpha, float beta)
    {
        // Rows lie further apart than they are long, and what lies between must stay as it was.
        int lda = (transposeA ? m : k) + 3, ldb = (transposeB ? k : n) + 1, ldc = n + 2;
        using NativeBuffer a = Kernel.Random((long)(transposeA ? k : m) * lda, 1), b = Kernel.Random((long)(transposeB ? n : k) * ldb, 2);
        using NativeBuffer c = Kernel.Random((long)m * ldc, 3), expected = Kernel.Copy(c);
        Gemm.Reference(transposeA, transposeB, m, n, k, alpha, a.Pointer, lda, b.Pointer, ldb, beta, null, expected.Pointer, ldc);
        Gemm.Multiply(Kernel.Two, transposeA, transposeB, m, n, k, alpha, a.Pointer, lda, b.Pointer, ldb, beta, c.Pointer, ldc);
        Kernel.Close(expected.Span, c.Span, Tolerance, Tolerance, $"{Simd.Level} {transposeA} {transposeB} {m}x{n}x{k}");
    }
}
