using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

// One block is one head of one sequence. Its queries are taken in groups, so that the scores of a group stay in the cache.
public static unsafe partial class Attention
{
    private const int QueryBlock = 128;

    private struct Work : IBlockWork
    {
        public float* Qkv, Output, LogSumExp, OutputGradient, QkvGradient;
        public int* Starts;
        public int Tokens, Heads, HeadSize;
        public float Scale, Rate;
        public bool Causal;
        public RandomStream Random;

        public readonly void Run(int block)
        {
            switch (Simd.Level)
            {
                case SimdLevel.Vector512:
                    Run<Lanes512>(block);
                    break;
                case SimdLevel.Vector256:
                    Run<Lanes256>(block);
                    break;
                case SimdLevel.Vector128:
                    Run<Lanes128>(block);
                    break;
                default:
                    Run<LanesScalar>(block);
                    break;
            }
        }

        private readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            int head = block % Heads;
            int start = Starts[block / Heads];
            int length = Starts[(block / Heads) + 1] - start;
            int hidden = Heads * HeadSize;
            int stride = 3 * hidden;
            float* query = Qkv + ((long)start * stride) + (head * HeadSize);
            float* key = query + hidden;
            float* value = key + hidden;
            float* result = Output + ((long)start * hidden) + (head * HeadSize);
            float* logSums = LogSumExp + ((long)head * Tokens) + start;
            float* p = Scratch.Get(ScratchPlace.AttentionScores, (long)Math.Min(QueryBlock, length) * length);
            float* g = QkvGradient is null ? null : Scratch.Get(ScratchPlace.AttentionGradients, (long)Math.Min(QueryBlock, length) * length);
            if (QkvGradient is not null && Causal)
            {
                // A causal group adds to the keys before it only, so every key starts from zero.
                for (int i = 0; i < length; i++)
                {
                    new Span<float>(QkvGradient + ((long)(start + i) * stride) + hidden + (head * HeadSize), HeadSize).Clear();
                    new Span<float>(QkvGradient + ((long)(start + i) * stride) + (2 * hidden) + (head * HeadSize), HeadSize).Clear();
                }
            }

            for (int first = 0; first < length; first += QueryBlock)
            {
                int rows = Math.Min(QueryBlock, length - first);
                int keys = Causal ? first + rows : length;
                Gemm.Multiply(
                    Workers.Single, false, true, rows, keys, HeadSize, Scale, query + ((long)first * stride), stride, key, stride, 0, p, keys);
                if (QkvGradient is null)
                {
                    for (int i = 0; i < rows; i++)
                    {
                        int seen = Causal ? first + i + 1 : keys;
                        logSums[first + i] = Softmax<L>(p + ((long)i * keys), seen, keys);
                        if (Rate != 0)
                        {
                            Mask<L>(p + ((long)i * keys), seen, head, start + first + i);
                        }
                    }

                    Gemm.Multiply(
                        Workers.Single, false, false, rows, HeadSize, keys, 1, p, keys, value, stride, 0, result + ((long)first * hidden), hidden);
                    continue;
                }

                float* upstream = OutputGradient + ((long)(start + first) * hidden) + (head * HeadSize);
                float* queryGradient = QkvGradient + ((long)start * stride) + (head * HeadSize);
                float* keyGradient = queryGradient + hidden;
                float* valueGradient = keyGradient + hidden;
                float earlier = Causal || first > 0 ? 1 : 0;
                Gemm.Multiply(Workers.Single, false, true, rows, keys, HeadSize, 1, upstream, hidden, value, stride, 0, g, keys);
                for (int i = 0; i < rows; i++)
                {
                    float* upstreamRow = upstream + ((long)i * hidden);
                    float* resultRow = result + ((long)(first + i) * hidden);
                    float rowSum = 0;
                    for (int d = 0; d < HeadSize; d++)
                    {
                        rowSum += upstreamRow[d] * resultRow[d];
                    }

                    int seen = Causal ? first + i + 1 : keys;
                    ScoreGradients<L>(p + ((long)i * keys), g + ((long)i * keys), seen, keys, logSums[first + i], rowSum, head, start + first + i);
                }

                Gemm.Multiply(Workers.Single, true, false, keys, HeadSize, rows, 1, p, keys, upstream, hidden, earlier, valueGradient, stride);
                Gemm.Multiply(
                    Workers.Single, false, false, rows, HeadSize, keys, Scale, g, keys, key, stride, 0, queryGradient + ((long)first * stride), stride);
                Gemm.Multiply(
                    Workers.Single, true, false, keys, HeadSize, rows, Scale, g, keys, query + ((long)first * stride), stride, earlier, keyGradient, stride);
            }
        }

        /// <summary>Softmax of the first values of a row, zeros behind them; returns the logarithm of the sum.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Softmax<L>(float* row, int seen, int keys)
            where L : struct, ILanes<L>
        {
            int whole = seen / L.Count * L.Count;
            float largest = float.NegativeInfinity;
            if (whole > 0)
            {
                L most = L.Load(row);
                for (int j = L.Count; j < whole; j += L.Count)
                {
                    most = L.Max(most, L.Load(row + j));
                }

                largest = L.Largest(most);
            }

            for (int j = whole; j < seen; j++)
            {
                largest = Math.Max(largest, row[j]);
            }

            // The largest score is subtracted so that no exponential overflows.
            L sums = L.Of(0);
            for (int j = 0; j < whole; j += L.Count)
            {
                L e = LanesMath.Exp(L.Load(row + j) - L.Of(largest));
                sums += e;
                L.Store(e, row + j);
            }

            float sum = L.Sum(sums);
            for (int j = whole; j < seen; j++)
            {
                row[j] = MathF.Exp(row[j] - largest);
                sum += row[j];
            }

            L inverse = L.Of(1 / sum);
            for (int j = 0; j < whole; j += L.Count)
            {
                L.Store(L.Load(row + j) * inverse, row + j);
            }

            for (int j = whole; j < seen; j++)
            {
                row[j] *= 1 / sum;
            }

            new Span<float>(row + seen, keys - seen).Clear();
            return largest + MathF.Log(sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Mask<L>(float* row, int seen, int head, int query)
            where L : struct, ILanes<L>
        {
            Random.Keys(MaskRow(head, Tokens, query), out uint inner, out uint outer);
            int threshold = RandomStream.DropThreshold(Rate);
            float growth = 1 / (1 - Rate);
            int j = 0;
            for (; j + L.Count <= seen; j += L.Count)
            {
                L.Store(L.KeepOrZero(L.Load(row + j) * L.Of(growth), (uint)j, inner, outer, threshold), row + j);
            }

            for (; j < seen; j++)
            {
                LanesScalar.Store(LanesScalar.KeepOrZero(LanesScalar.Of(row[j] * growth), (uint)j, inner, outer, threshold), row + j);
            }
        }

        /// <summary>From scores and probability gradients to masked probabilities and score gradients (without the scale).</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void ScoreGradients<L>(float* p, float* g, int seen, int keys, float logSum, float rowSum, int head, int query)
            where L : struct, ILanes<L>
        {
            Random.Keys(MaskRow(head, Tokens, query), out uint inner, out uint outer);
            int threshold = RandomStream.DropThreshold(Rate);
            float growth = 1 / (1 - Rate);
            int j = 0;
            for (; j + L.Count <= seen; j += L.Count)
            {
                L probability = LanesMath.Exp(L.Load(p + j) - L.Of(logSum));
                L mask = Rate == 0 ? L.Of(1) : L.KeepOrZero(L.Of(growth), (uint)j, inner, outer, threshold);
                L.Store(probability * mask, p + j);
                L.Store(probability * (L.MultiplyAdd(L.Load(g + j), mask, L.Of(-rowSum))), g + j);
            }

            for (; j < seen; j++)
            {
                float probability = MathF.Exp(p[j] - logSum);
                float mask = Rate == 0 || (RandomStream.Draw((uint)j, inner, outer) >> 8) >= threshold ? growth : 0;
                p[j] = probability * mask;
                g[j] = probability * ((g[j] * mask) - rowSum);
            }

            new Span<float>(p + seen, keys - seen).Clear();
            new Span<float>(g + seen, keys - seen).Clear();
        }
    }
}
