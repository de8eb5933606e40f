namespace Apprentice.Compute;

/// <summary>Matrix product C = α · op(A) · op(B) + β · C, where op is the matrix itself or its transpose.</summary>
/// <remarks>Blocking after Goto and van de Geijn, 2008 (ACM TOMS 34, 12). All matrices are row-major float32.</remarks>
public static unsafe partial class Gemm
{
    /// <summary>Multiplies two matrices; the bits of the result do not depend on the number of threads.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="transposeA">False: A is stored [m, k]; true: A is stored [k, m] and used transposed.</param>
    /// <param name="transposeB">False: B is stored [k, n]; true: B is stored [n, k] and used transposed.</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Length of the sums; 0 leaves β · C.</param>
    /// <param name="alpha">α, factor of the product.</param>
    /// <param name="a">Left matrix.</param>
    /// <param name="lda">Distance of A's stored rows in values.</param>
    /// <param name="b">Right matrix.</param>
    /// <param name="ldb">Distance of B's stored rows in values.</param>
    /// <param name="beta">β, factor of what C holds; 0 ignores it even where it is not a number.</param>
    /// <param name="c">Result, [m, n]; must not overlap A or B.</param>
    /// <param name="ldc">Distance of C's rows in values.</param>
    /// <exception cref="ArgumentException">A size is negative or a row distance shorter than its row.</exception>
    public static void Multiply(
        Workers workers, bool transposeA, bool transposeB, int m, int n, int k,
        float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc)
    {
        Check(transposeA, transposeB, m, n, k, lda, ldb, ldc);
        Product(workers, transposeA, transposeB, m, n, k, alpha, a, lda, b, ldb, beta, null, c, ldc);
    }

    /// <summary>As <see cref="Multiply"/> with α 1 and β 0, adding <paramref name="bias"/> to every row while the result is still in registers.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="transposeA">Whether A is stored [k, m].</param>
    /// <param name="transposeB">Whether B is stored [n, k].</param>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Length of the sums.</param>
    /// <param name="a">Left matrix.</param>
    /// <param name="lda">Distance of A's stored rows in values.</param>
    /// <param name="b">Right matrix.</param>
    /// <param name="ldb">Distance of B's stored rows in values.</param>
    /// <param name="bias">Values added to every row, shape [n].</param>
    /// <param name="c">Result, [m, n]; overwritten.</param>
    /// <param name="ldc">Distance of C's rows in values.</param>
    public static void MultiplyAddBias(
        Workers workers, bool transposeA, bool transposeB, int m, int n, int k,
        float* a, int lda, float* b, int ldb, float* bias, float* c, int ldc)
    {
        Check(transposeA, transposeB, m, n, k, lda, ldb, ldc);
        Product(workers, transposeA, transposeB, m, n, k, 1, a, lda, b, ldb, 0, bias, c, ldc);
    }

    private static void Check(bool transposeA, bool transposeB, int m, int n, int k, int lda, int ldb, int ldc)
    {
        if (m < 0 || n < 0 || k < 0)
        {
            throw new ArgumentException($"MatMul: [{m}, {k}] × [{k}, {n}] has a negative size.");
        }

        // A matrix of at most one row has no distance between rows that could be wrong.
        if ((transposeA ? k > 1 && lda < m : m > 1 && lda < k) || (transposeB ? n > 1 && ldb < k : k > 1 && ldb < n) || (m > 1 && ldc < n))
        {
            throw new ArgumentException(
                $"MatMul: [{m}, {k}] × [{k}, {n}] with row distances {lda}, {ldb} and {ldc}: a stored row is longer than its distance.");
        }
    }

    /// <summary>The definition: every element is one sum, taken in order.</summary>
    internal static void Reference(
        bool transposeA, bool transposeB, int m, int n, int k,
        float alpha, float* a, int lda, float* b, int ldb, float beta, float* bias, float* c, int ldc)
    {
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = 0;
                for (int p = 0; p < k; p++)
                {
                    float left = transposeA ? a[((long)p * lda) + i] : a[((long)i * lda) + p];
                    float right = transposeB ? b[((long)j * ldb) + p] : b[((long)p * ldb) + j];
                    sum += left * right;
                }

                float* place = c + ((long)i * ldc) + j;
                *place = (alpha * sum) + (beta == 0 ? 0 : beta * *place) + (bias is null ? 0 : bias[j]);
            }
        }
    }
}
