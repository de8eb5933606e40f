namespace Apprentice.Compute;

/// <summary>Multi-head self-attention over ragged sequences: per head, softmax(scale · Q · Kᵀ) · V.</summary>
/// <remarks>
/// Vaswani et al., 2017, arXiv:1706.03762, equation 1, with dropout on the probabilities. No [tokens, tokens] matrix outlives a block of queries;
/// the backward pass recomputes the probabilities from the stored logarithms of the sums (Dao et al., 2022, arXiv:2205.14135).
/// Legend: T tokens of all sequences, H hidden size = heads × headSize; queries, keys and values lie side by side in rows of 3·H.
/// </remarks>
public static unsafe partial class Attention
{
    /// <summary>Attends within every sequence.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="qkv">Queries, keys and values, shape [T, 3·H].</param>
    /// <param name="offsets">First token of every sequence and, last, T.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="scale">Factor of the scores, usually 1/√headSize.</param>
    /// <param name="causal">Whether a token sees only itself and what stands before it.</param>
    /// <param name="dropout">Share of probabilities set to zero, the others growing by 1/(1 − dropout); 0 for none.</param>
    /// <param name="random">Stream of the dropout mask; the backward pass must get the same.</param>
    /// <param name="output">Result, shape [T, H]; overwritten.</param>
    /// <param name="logSumExp">Logarithm of each softmax sum, shape [heads, T]; overwritten.</param>
    public static void Forward(
        Workers workers, float* qkv, ReadOnlySpan<int> offsets, int heads, int headSize, float scale,
        bool causal, float dropout, RandomStream random, float* output, float* logSumExp)
    {
        Dropout.Check(dropout);
        fixed (int* starts = offsets)
        {
            workers.Run((offsets.Length - 1) * heads, new Work
            {
                Qkv = qkv, Starts = starts, Tokens = offsets[^1], Heads = heads, HeadSize = headSize, Scale = scale, Causal = causal,
                Rate = dropout, Random = random, Output = output, LogSumExp = logSumExp,
            });
        }
    }

    /// <summary>The gradient of <see cref="Forward"/>.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="qkv">Queries, keys and values, shape [T, 3·H].</param>
    /// <param name="offsets">First token of every sequence and, last, T.</param>
    /// <param name="heads">Number of heads.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="scale">Factor of the scores.</param>
    /// <param name="causal">Whether a token sees only itself and what stands before it.</param>
    /// <param name="dropout">Share of probabilities set to zero.</param>
    /// <param name="random">Stream of the dropout mask.</param>
    /// <param name="output">Result of the forward pass, shape [T, H].</param>
    /// <param name="logSumExp">Logarithms from the forward pass, shape [heads, T].</param>
    /// <param name="outputGradient">Gradient of the result, shape [T, H].</param>
    /// <param name="qkvGradient">Gradient of queries, keys and values, shape [T, 3·H]; overwritten.</param>
    public static void Backward(
        Workers workers, float* qkv, ReadOnlySpan<int> offsets, int heads, int headSize, float scale,
        bool causal, float dropout, RandomStream random, float* output, float* logSumExp, float* outputGradient, float* qkvGradient)
    {
        Dropout.Check(dropout);
        fixed (int* starts = offsets)
        {
            workers.Run((offsets.Length - 1) * heads, new Work
            {
                Qkv = qkv, Starts = starts, Tokens = offsets[^1], Heads = heads, HeadSize = headSize, Scale = scale, Causal = causal,
                Rate = dropout, Random = random, Output = output, LogSumExp = logSumExp, OutputGradient = outputGradient, QkvGradient = qkvGradient,
            });
        }
    }

    /// <summary>The definition of the forward pass, in double precision.</summary>
    internal static void ForwardReference(
        float* qkv, ReadOnlySpan<int> offsets, int heads, int headSize, float scale,
        bool causal, float dropout, RandomStream random, float* output, float* logSumExp)
    {
        int tokens = offsets[^1];
        int hidden = heads * headSize;
        for (int s = 0; s + 1 < offsets.Length; s++)
        {
            int start = offsets[s];
            int length = offsets[s + 1] - start;
            double[] p = new double[length];
            for (int head = 0; head < heads; head++)
            {
                for (int i = 0; i < length; i++)
                {
                    int seen = causal ? i + 1 : length;
                    double logSum = Scores(qkv, start, i, seen, hidden, head, headSize, scale, p);
                    logSumExp[((long)head * tokens) + start + i] = (float)logSum;
                    for (int d = 0; d < headSize; d++)
                    {
                        double sum = 0;
                        for (int j = 0; j < seen; j++)
                        {
                            double mask = Mask(random, dropout, MaskRow(head, tokens, start + i), j);
                            sum += Math.Exp(p[j] - logSum) * mask * qkv[((long)(start + j) * 3 * hidden) + (2 * hidden) + (head * headSize) + d];
                        }

                        output[((long)(start + i) * hidden) + (head * headSize) + d] = (float)sum;
                    }
                }
            }
        }
    }

    /// <summary>The definition of the backward pass, in double precision.</summary>
    internal static void BackwardReference(
        float* qkv, ReadOnlySpan<int> offsets, int heads, int headSize, float scale,
        bool causal, float dropout, RandomStream random, float* output, float* logSumExp, float* outputGradient, float* qkvGradient)
    {
        int tokens = offsets[^1];
        int hidden = heads * headSize;
        new Span<float>(qkvGradient, tokens * 3 * hidden).Clear();
        for (int s = 0; s + 1 < offsets.Length; s++)
        {
            int start = offsets[s];
            int length = offsets[s + 1] - start;
            double[] scores = new double[length];
            for (int head = 0; head < heads; head++)
            {
                for (int i = 0; i < length; i++)
                {
                    int seen = causal ? i + 1 : length;
                    double logSum = Scores(qkv, start, i, seen, hidden, head, headSize, scale, scores);
                    float* upstream = outputGradient + ((long)(start + i) * hidden) + (head * headSize);
                    float* result = output + ((long)(start + i) * hidden) + (head * headSize);
                    double rowSum = 0;
                    for (int d = 0; d < headSize; d++)
                    {
                        rowSum += (double)upstream[d] * result[d];
                    }

                    long query = ((long)(start + i) * 3 * hidden) + (head * headSize);
                    for (int j = 0; j < seen; j++)
                    {
                        long key = ((long)(start + j) * 3 * hidden) + hidden + (head * headSize);
                        double probability = Math.Exp(scores[j] - logSum);
                        double mask = Mask(random, dropout, MaskRow(head, tokens, start + i), j);
                        double product = 0;
                        for (int d = 0; d < headSize; d++)
                        {
                            product += (double)upstream[d] * qkv[key + hidden + d];
                            qkvGradient[key + hidden + d] += (float)(probability * mask * upstream[d]);
                        }

                        double scoreGradient = scale * probability * ((product * mask) - rowSum);
                        for (int d = 0; d < headSize; d++)
                        {
                            qkvGradient[query + d] += (float)(scoreGradient * qkv[key + d]);
                            qkvGradient[key + d] += (float)(scoreGradient * qkv[query + d]);
                        }
                    }
                }
            }
        }
    }

    /// <summary>The upper half of the index of a query's dropout draws; the lower half is the key's place in its sequence.</summary>
    internal static uint MaskRow(int head, int tokens, int query) => (uint)(((long)head * tokens) + query);

    private static double Mask(RandomStream random, float dropout, uint row, int key) =>
        dropout == 0 ? 1
        : (random.UInt32(((ulong)row << 32) | (uint)key) >> 8) >= RandomStream.DropThreshold(dropout) ? 1 / (1 - dropout) : 0;

    private static double Scores(float* qkv, int start, int i, int seen, int hidden, int head, int headSize, float scale, double[] scores)
    {
        float* query = qkv + ((long)(start + i) * 3 * hidden) + (head * headSize);
        double largest = double.NegativeInfinity;
        for (int j = 0; j < seen; j++)
        {
            float* key = qkv + ((long)(start + j) * 3 * hidden) + hidden + (head * headSize);
            double sum = 0;
            for (int d = 0; d < headSize; d++)
            {
                sum += (double)query[d] * key[d];
            }

            scores[j] = sum * scale;
            largest = Math.Max(largest, scores[j]);
        }

        // The largest score is subtracted so that no exponential overflows.
        double total = 0;
        for (int j = 0; j < seen; j++)
        {
            total += Math.Exp(scores[j] - largest);
        }

        return largest + Math.Log(total);
    }
}
