namespace Apprentice.Compute;

/// <summary>Cross-entropy of a class per row: −log softmax(logits)[label].</summary>
public static unsafe partial class CrossEntropy
{
    /// <summary>The label of a row that counts for nothing.</summary>
    public const int Ignored = -1;

    /// <summary>Sums the losses of all labelled rows and writes their gradient.</summary>
    /// <param name="workers">Threads to use.</param>
    /// <param name="logits">Logits, shape [rows, width].</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="width">Number of classes.</param>
    /// <param name="labels">Class of each row, shape [rows]; <see cref="Ignored"/> leaves a row out.</param>
    /// <param name="scale">Factor of the gradient, for example 1/labelled rows; the returned loss is not scaled.</param>
    /// <param name="logitsGradient">Gradient, shape [rows, width]; overwritten, zero in rows left out; may be <paramref name="logits"/> itself.</param>
    /// <returns>The sum of the losses in natural units, in an order that the shape fixes.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A label is below −1 or not below <paramref name="width"/>.</exception>
    public static double ForwardBackward(
        Workers workers, float* logits, int rows, int width, int* labels, float scale, float* logitsGradient)
    {
        Check(rows, width, labels);
        double* losses = (double*)Scratch.Get(ScratchPlace.Reduction, 2L * rows);
        Work work = new() { Logits = logits, Gradient = logitsGradient, Rows = rows, Width = width, Labels = labels, Scale = scale, Losses = losses };
        Wide.Run(workers, RowBlocks.Count(rows, RowBlocks.Rows(width)), work);
        double loss = 0;
        for (int row = 0; row < rows; row++)
        {
            loss += losses[row];
        }

        return loss;
    }

    private static void Check(int rows, int width, int* labels)
    {
        for (int row = 0; row < rows; row++)
        {
            if (labels[row] < Ignored || labels[row] >= width)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(labels), labels[row], $"CrossEntropy: row {row} has label {labels[row]}, expected {Ignored} (left out) or 0 to {width - 1}.");
            }
        }
    }

    /// <summary>The definition.</summary>
    internal static double Reference(float* logits, int rows, int width, int* labels, float scale, float* logitsGradient)
    {
        double loss = 0;
        for (int row = 0; row < rows; row++)
        {
            float* line = logits + ((long)row * width);
            float* gradient = logitsGradient + ((long)row * width);
            int label = labels[row];
            if (label == Ignored)
            {
                new Span<float>(gradient, width).Clear();
                continue;
            }

            // The largest logit is subtracted so that no exponential overflows.
            double largest = double.NegativeInfinity;
            for (int i = 0; i < width; i++)
            {
                largest = Math.Max(largest, line[i]);
            }

            double sum = 0;
            for (int i = 0; i < width; i++)
            {
                sum += Math.Exp(line[i] - largest);
            }

            double logSum = largest + Math.Log(sum);
            loss += logSum - line[label];
            for (int i = 0; i < width; i++)
            {
                gradient[i] = (float)(scale * (Math.Exp(line[i] - logSum) - (i == label ? 1 : 0)));
            }
        }

        return loss;
    }

    private struct Work : IWideWork
    {
        public float* Logits, Gradient;
        public int Rows, Width;
        public int* Labels;
        public float Scale;
        public double* Losses;

        public readonly void Run<L>(int block)
            where L : struct, ILanes<L>
        {
            int size = RowBlocks.Rows(Width);
            for (int row = block * size; row < Math.Min(Rows, (block + 1) * size); row++)
            {
                float* gradient = Gradient + ((long)row * Width);
                if (Labels[row] == Ignored)
                {
                    new Span<float>(gradient, Width).Clear();
                    Losses[row] = 0;
                    continue;
                }

                // The logit is read first because the gradient may lie where the logits do.
                double logit = Logits[((long)row * Width) + Labels[row]];
                double sum = Softmax.Exponentials<L>(Logits + ((long)row * Width), Width, gradient, out float largest);
                Softmax.Scale<L>(gradient, Width, (float)(Scale / sum));
                double loss = largest + Math.Log(sum) - logit;
                gradient[Labels[row]] = (float)(Scale * (Math.Exp(-loss) - 1));
                Losses[row] = loss;
            }
        }
    }
}
