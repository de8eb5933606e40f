namespace Apprentice.Compute;

/// <summary>Scaled dot-product self-attention over a ragged batch: softmax(q·kᵀ/√d)·v per sequence and head.</summary>
/// <remarks>Source: Vaswani et al., 2017, arXiv:1706.03762, equation 1; probabilities are recomputed in the backward pass as in Dao et al., 2022, arXiv:2205.14135.</remarks>
public static unsafe class AttentionOperation
{
    /// <summary>Attends within each sequence.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="queryKeyValue">[tokens, 3 · hidden]: query, key and value side by side, heads side by side inside each.</param>
    /// <param name="offsets">First token of each sequence, and the number of tokens at the end.</param>
    /// <param name="heads">Number of heads; divides hidden.</param>
    /// <param name="causal">True when a token sees only itself and what is left of it.</param>
    /// <param name="dropout">Share of attention weights dropped in training.</param>
    /// <returns>[tokens, hidden].</returns>
    public static Tensor Attention(this Tape tape, Tensor queryKeyValue, int[] offsets, int heads, bool causal, float dropout)
    {
        int hidden = queryKeyValue.Columns / 3;
        if (hidden * 3 != queryKeyValue.Columns || hidden % heads != 0)
        {
            throw new ArgumentException($"Attention: {queryKeyValue} does not split into query, key and value of {heads} heads.");
        }

        if (offsets[^1] != queryKeyValue.Rows)
        {
            throw new ArgumentException($"Attention: offsets end at {offsets[^1]}; the batch has {queryKeyValue.Rows} tokens.");
        }

        float rate = tape.Training ? dropout : 0;
        float scale = 1 / MathF.Sqrt(hidden / heads);
        Tensor y = tape.Allocate(queryKeyValue.Rows, hidden, queryKeyValue.RequiresGradient);
        float* logSumExp = tape.Scratch((long)heads * queryKeyValue.Rows);
        RandomStream random = tape.NextRandom();
        Compute.Attention.Forward(tape.Workers, queryKeyValue.Data, offsets, heads, hidden / heads, scale, causal, rate, random, y.Data, logSumExp);
        if (y.RequiresGradient)
        {
            tape.Record(new AttentionBackward(queryKeyValue, offsets, heads, causal, rate, scale, random, logSumExp, y));
        }

        return y;
    }

    private sealed class AttentionBackward(Tensor x, int[] offsets, int heads, bool causal, float rate, float scale, RandomStream random, float* logSumExp, Tensor y) : Operation
    {
        private readonly float* _logSumExp = logSumExp;

        public override void Backward(Tape tape)
        {
            if (y.Gradient is null)
            {
                return;
            }

            float* gradient = tape.GradientOf(x, out bool fresh);
            float* target = fresh ? gradient : tape.Scratch(x.Count);
            Compute.Attention.Backward(tape.Workers, x.Data, offsets, heads, y.Columns / heads, scale, causal, rate, random, y.Data, _logSumExp, y.Gradient, target);
            if (!fresh)
            {
                Elementwise.AddInPlace(tape.Workers, target, x.Count, gradient);
            }
        }
    }
}
