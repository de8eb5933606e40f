using System.Runtime.CompilerServices;

namespace Apprentice.Compute;

/// <summary>Layer normalisation of each row: y = gain · (x − mean(x)) / √(variance(x) + ε) + bias.</summary>
/// <remarks>Ba, Kiros and Hinton, 2016, arXiv:1607.06450, equation 4; the variance divides by the width, ε under the root.</remarks>
public static unsafe partial class LayerNorm
{
    /// <summary>Normalises every row.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input, shape [rows, width].</param>
    /// <param name="gain">Learned factor, shape [width].</param>
    /// <param name="bias">Learned summand, shape [width].</param>
    /// <param name="eps">ε, added to the variance.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="y">Output, shape [rows, width]; may be <paramref name="x"/> itself.</param>
    /// <param name="mean">Mean of each row, shape [rows], for the backward pass.</param>
    /// <param name="inverseDeviation">1/√(variance + ε) of each row, shape [rows], for the backward pass.</param>
    public static void Forward(
        Workers workers, float* x, float* gain, float* bias, float eps, int rows, int width, float* y, float* mean, float* inverseDeviation)
    {
        ForwardWork work = new()
        {
            X = x, Gain = gain, Bias = bias, Epsilon = eps, Rows = rows, Width = width, Y = y, Mean = mean, InverseDeviation = inverseDeviation,
        };
        Wide.Run(workers, RowBlocks.Count(rows, RowBlocks.Rows(width)), work);
    }

    /// <summary>The gradient of <see cref="Forward"/>.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="x">Input of the forward pass, shape [rows, width].</param>
    /// <param name="gain">Learned factor, shape [width].</param>
    /// <param name="mean">Mean of each row.</param>
    /// <param name="inverseDeviation">Inverse deviation of each row.</param>
    /// <param name="yGradient">Gradient of the output, shape [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Length of a row.</param>
    /// <param name="xGradient">Gradient of the input; overwritten; may be <paramref name="yGradient"/> itself.</param>
    /// <param name="gainGradient">Gradient of the gain, shape [width]; added to.</param>
    /// <param name="biasGradient">Gradient of the bias, shape [width]; added to.</param>
    public static void Backward(
        Workers workers, float* x, float* gain, float* mean, float* inverseDeviation, float* yGradient, int rows, int width,
        float* xGradient, float* gainGradient, float* biasGradient)
    {
        if (rows == 0)
        {
            return;
        }

        int blocks = RowBlocks.Count(rows, RowBlocks.ReductionRows);
        float* partials = Scratch.Get(ScratchPlace.Reduction, 2L * blocks * width);
        BackwardWork work = new()
        {
            X = x, Gain = gain, Mean = mean, InverseDeviation = inverseDeviation, YGradient = yGradient, Rows = rows, Width = width,
            XGradient = xGradient, Partials = partials,
        };
        Wide.Run(workers, blocks, work);
        RowBlocks.AddPartials(workers, partials, blocks, 2 * width, width, gainGradient);
        RowBlocks.AddPartials(workers, partials + width, blocks, 2 * width, width, biasGradient);
    }

    /// <summary>The definition of the forward pass.</summary>
    internal static void ForwardReference(
        float* x, float* gain, float* bias, float eps, int rows, int width, float* y, float* mean, float* inverseDeviation)
    {
        for (int row = 0; row < rows; row++)
        {
            float* from = x + ((long)row * width);
            float* to = y + ((long)row * width);
            double sum = 0;
            for (int i = 0; i < width; i++)
            {
                sum += from[i];
            }

            // The mean is subtracted before squaring: rows whose mean is far above their deviation would otherwise cancel.
            double center = sum / width;
            double squares = 0;
            for (int i = 0; i < width; i++)
            {
                squares += (from[i] - center) * (from[i] - center);
            }

            double inverse = 1 / Math.Sqrt((squares / width) + eps);
            mean[row] = (float)center;
            inverseDeviation[row] = (float)inverse;
            for (int i = 0; i < width; i++)
            {
                to[i] = (float)((gain[i] * (from[i] - center) * inverse) + bias[i]);
            }
        }
    }

    /// <summary>The definition of the backward pass. The mean of the normal values, zero but for the rounding of the stored mean, is taken out.</summary>
    internal static void BackwardReference(
        float* x, float* gain, float* mean, float* inverseDeviation, float* yGradient, int rows, int width,
        float* xGradient, float* gainGradient, float* biasGradient)
    {
        for (int row = 0; row < rows; row++)
        {
            float* from = x + ((long)row * width);
            float* upstream = yGradient + ((long)row * width);
            float* to = xGradient + ((long)row * width);
            double rest = 0;
            for (int i = 0; i < width; i++)
            {
                rest += (from[i] - (double)mean[row]) * inverseDeviation[row] / width;
            }

            double sum = 0;
            double product = 0;
            for (int i = 0; i < width; i++)
            {
                double normal = ((from[i] - (double)mean[row]) * inverseDeviation[row]) - rest;
                sum += (double)upstream[i] * gain[i];
                product += (double)upstream[i] * gain[i] * normal;
                gainGradient[i] += (float)(upstream[i] * normal);
                biasGradient[i] += upstream[i];
            }

            for (int i = 0; i < width; i++)
            {
                double normal = ((from[i] - (double)mean[row]) * inverseDeviation[row]) - rest;
                to[i] = (float)(inverseDeviation[row] * (((double)upstream[i] * gain[i]) - (sum / width) - (normal * product / width)));
            }
        }
    }

    private struct ForwardWork : IWideWork
    {
        public float* X, Gain, Bias, Y, Mean, InverseDeviation;
        public float Epsilon;
        public int Rows, Width;

        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            int size = RowBlocks.Rows(Width);
            int end = Math.Min(Rows, (block + 1) * size);
            for (int row = block * size; row < end; row++)
            {
                Normalise<L>(row);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Normalise<L>(int row)
            where L : struct, ILanes<L>
        {
            float* from = X + ((long)row * Width);
            L sums = L.Of(0);
            int i = 0;
            for (; i + L.Count <= Width; i += L.Count)
            {
                sums += L.Load(from + i);
            }

            float sum = L.Sum(sums);
            for (; i < Width; i++)
            {
                sum += from[i];
            }

            // The mean is subtracted before squaring: rows whose mean is far above their deviation would otherwise cancel.
            // What the rounded mean left over is measured in the same pass and taken out too.
            float center = sum / Width;
            L rests = L.Of(0);
            L squares = L.Of(0);
            i = 0;
            for (; i + L.Count <= Width; i += L.Count)
            {
                L distance = L.Load(from + i) - L.Of(center);
                rests += distance;
                squares = L.MultiplyAdd(distance, distance, squares);
            }

            double rest = L.Sum(rests);
            double square = L.Sum(squares);
            for (; i < Width; i++)
            {
                float distance = from[i] - center;
                rest += distance;
                square += distance * distance;
            }

            rest /= Width;
            double inverse = 1 / Math.Sqrt(Math.Max((square / Width) - (rest * rest), 0) + Epsilon);
            Mean[row] = (float)(center + rest);
            InverseDeviation[row] = (float)inverse;
            float factor = (float)inverse;
            float shift = (float)(-rest * inverse);
            float* to = Y + ((long)row * Width);
            i = 0;
            for (; i + L.Count <= Width; i += L.Count)
            {
                L normal = L.MultiplyAdd(L.Load(from + i) - L.Of(center), L.Of(factor), L.Of(shift));
                L.Store(L.MultiplyAdd(normal, L.Load(Gain + i), L.Load(Bias + i)), to + i);
            }

            for (; i < Width; i++)
            {
                to[i] = ((((from[i] - center) * factor) + shift) * Gain[i]) + Bias[i];
            }
        }
    }

    /// <summary>Input gradients of a block of rows, and their sums for gain and bias: [2, width] a block.</summary>
    private struct BackwardWork : IWideWork
    {
        public float* X, Gain, Mean, InverseDeviation, YGradient, XGradient, Partials;
        public int Rows, Width;

        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            float* gainSums = Partials + (2L * block * Width);
            new Span<float>(gainSums, 2 * Width).Clear();
            int end = Math.Min(Rows, (block + 1) * RowBlocks.ReductionRows);
            for (int row = block * RowBlocks.ReductionRows; row < end; row++)
            {
                Row<L>(row, gainSums, gainSums + Width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Row<L>(int row, float* gainSums, float* biasSums)
            where L : struct, ILanes<L>
        {
            float* from = X + ((long)row * Width);
            float* upstream = YGradient + ((long)row * Width);
            float* to = XGradient + ((long)row * Width);
            float mean = Mean[row];
            float inverse = InverseDeviation[row];

            // A stored mean is rounded: what it leaves in every normal value is their mean, and is taken out of them again.
            L sums = L.Of(0);
            L products = L.Of(0);
            L normals = L.Of(0);
            int i = 0;
            for (; i + L.Count <= Width; i += L.Count)
            {
                L normal = (L.Load(from + i) - L.Of(mean)) * L.Of(inverse);
                L scaled = L.Load(upstream + i) * L.Load(Gain + i);
                sums += scaled;
                normals += normal;
                products = L.MultiplyAdd(scaled, normal, products);
            }

            float sum = L.Sum(sums);
            float product = L.Sum(products);
            float rest = L.Sum(normals);
            for (; i < Width; i++)
            {
                float normal = (from[i] - mean) * inverse;
                sum += upstream[i] * Gain[i];
                product += upstream[i] * Gain[i] * normal;
                rest += normal;
            }

            rest /= Width;
            product = (product - (rest * sum)) / Width;
            sum /= Width;
            i = 0;
            for (; i + L.Count <= Width; i += L.Count)
            {
                L normal = ((L.Load(from + i) - L.Of(mean)) * L.Of(inverse)) - L.Of(rest);
                L gradient = L.Load(upstream + i);
                L.Store(L.MultiplyAdd(gradient, normal, L.Load(gainSums + i)), gainSums + i);
                L.Store(gradient + L.Load(biasSums + i), biasSums + i);
                L centred = (gradient * L.Load(Gain + i)) - L.Of(sum);
                L.Store(L.Of(inverse) * L.MultiplyAdd(normal, L.Of(-product), centred), to + i);
            }

            for (; i < Width; i++)
            {
                float normal = ((from[i] - mean) * inverse) - rest;
                float gradient = upstream[i];
                gainSums[i] += gradient * normal;
                biasSums[i] += gradient;
                to[i] = inverse * ((gradient * Gain[i]) - sum - (normal * product));
            }
        }
    }
}
