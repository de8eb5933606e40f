namespace Apprentice.Compute;

/// <summary>Losses: cross-entropy over classes, over the lines of a function, over similarities; squared cosine error; weighted sums.</summary>
public static unsafe class LossOperations
{
    /// <summary>Mean cross-entropy over the rows whose label is not −1.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="logits">[rows, classes].</param>
    /// <param name="labels">Class of each row, or −1 to leave the row out.</param>
    /// <returns>[1, 1]; 0 when every row is left out.</returns>
    public static Tensor CrossEntropyOf(this Tape tape, Tensor logits, int[] labels)
    {
        if (labels.Length != logits.Rows)
        {
            throw new ArgumentException($"CrossEntropy: {labels.Length} labels for logits {logits}.");
        }

        int kept = labels.Count(label => label >= 0);
        float scale = kept == 0 ? 0 : 1f / kept;
        Tensor loss = tape.Allocate(1, 1, logits.RequiresGradient);
        float* gradient = tape.Scratch(logits.Count);
        fixed (int* labelPointer = labels)
        {
            double sum = CrossEntropy.ForwardBackward(tape.Workers, logits.Data, logits.Rows, logits.Columns, labelPointer, scale, gradient);
            loss.Span[0] = kept == 0 ? 0 : (float)(sum / kept);
        }

        Record(tape, loss, logits, gradient);
        return loss;
    }

    /// <summary>Cross-entropy with class weights and label smoothing, divided by the sum of the weights of the kept labels.</summary>
    /// <remarks>Source: torch.nn.functional.cross_entropy; with smoothing e over C classes the target is (1 − e) on the label and e/C everywhere, each class's part times that class's weight.</remarks>
    /// <param name="tape">Records the operation.</param>
    /// <param name="logits">[rows, classes].</param>
    /// <param name="labels">Class of each row, or −1 to leave the row out.</param>
    /// <param name="classWeights">Weight of each class, [classes].</param>
    /// <param name="smoothing">e, from 0 to 1.</param>
    /// <returns>[1, 1]; 0 when every row is left out.</returns>
    public static Tensor WeightedCrossEntropy(this Tape tape, Tensor logits, int[] labels, float[] classWeights, float smoothing)
    {
        if (labels.Length != logits.Rows || classWeights.Length != logits.Columns)
        {
            throw new ArgumentException($"WeightedCrossEntropy: {labels.Length} labels and {classWeights.Length} weights for logits {logits}.");
        }

        double divisor = labels.Sum(label => label >= 0 ? (double)classWeights[label] : 0);
        float* gradient = tape.Scratch(logits.Count);
        new Span<float>(gradient, checked((int)logits.Count)).Clear();
        double sum = 0;
        for (int row = 0; row < logits.Rows; row++)
        {
            if (labels[row] < 0)
            {
                continue;
            }

            ReadOnlySpan<float> scores = logits.Row(row);
            double largest = Largest(scores);
            double total = 0;
            foreach (float score in scores)
            {
                total += Math.Exp(score - largest);
            }

            double logTotal = Math.Log(total) + largest;
            double mass = 0;
            for (int c = 0; c < scores.Length; c++)
            {
                double target = Target(c, labels[row]);
                mass += target;
                sum -= target * (scores[c] - logTotal);
            }

            for (int c = 0; c < scores.Length; c++)
            {
                gradient[((long)row * scores.Length) + c] = (float)(((Math.Exp(scores[c] - logTotal) * mass) - Target(c, labels[row])) / divisor);
            }
        }

        Tensor loss = tape.Allocate(1, 1, logits.RequiresGradient);
        loss.Span[0] = divisor == 0 ? 0 : (float)(sum / divisor);
        Record(tape, loss, logits, gradient);
        return loss;

        double Target(int c, int label) => classWeights[c] * ((c == label ? 1 - smoothing : 0) + (smoothing / classWeights.Length));
    }

    /// <summary>Cross-entropy of a softmax over each group of rows against a target distribution: the pointer loss over the lines of a function and its 'no fault' slot.</summary>
    /// <remarks>Source: self-supervised bug localization, Allamanis et al., 2021, arXiv:2105.12787, section 2; several faulty lines share the mass equally.</remarks>
    /// <param name="tape">Records the operation.</param>
    /// <param name="scores">[rows, 1], groups one after the other.</param>
    /// <param name="offsets">First row of each group, and the number of rows at the end.</param>
    /// <param name="targets">For each row the mass it should get; each group sums to 1, or to 0 to be left out.</param>
    /// <returns>[1, 1], the mean over groups that are not left out.</returns>
    public static Tensor GroupedCrossEntropy(this Tape tape, Tensor scores, int[] offsets, float[] targets)
    {
        if (scores.Columns != 1 || targets.Length != scores.Rows || offsets[^1] != scores.Rows)
        {
            throw new ArgumentException($"GroupedCrossEntropy: scores {scores}, {targets.Length} targets, offsets to {offsets[^1]} do not fit.");
        }

        float* gradient = tape.Scratch(scores.Count);
        double sum = 0;
        int kept = 0;
        for (int g = 0; g + 1 < offsets.Length; g++)
        {
            double mass = 0;
            for (int i = offsets[g]; i < offsets[g + 1]; i++)
            {
                mass += targets[i];
            }

            kept += mass > 0 ? 1 : 0;
        }

        for (int g = 0; g + 1 < offsets.Length; g++)
        {
            int start = offsets[g];
            int end = offsets[g + 1];
            double mass = 0;
            float largest = float.NegativeInfinity;
            for (int i = start; i < end; i++)
            {
                mass += targets[i];
                largest = MathF.Max(largest, scores.Data[i]);
            }

            // The largest score is taken out before exponentials, or scores near 100 would overflow.
            double total = 0;
            for (int i = start; i < end; i++)
            {
                total += Math.Exp(scores.Data[i] - largest);
            }

            double logTotal = Math.Log(total) + largest;
            for (int i = start; i < end; i++)
            {
                double logProbability = scores.Data[i] - logTotal;
                gradient[i] = mass > 0 ? (float)(((Math.Exp(logProbability) * mass) - targets[i]) / kept) : 0;
                sum -= targets[i] == 0 ? 0 : targets[i] * logProbability;
            }
        }

        Tensor loss = tape.Allocate(1, 1, scores.RequiresGradient);
        loss.Span[0] = kept == 0 ? 0 : (float)(sum / kept);
        Record(tape, loss, scores, gradient);
        return loss;
    }

    /// <summary>Mean squared error between the cosine of paired unit rows and a label: UniXcoder's siamese clone loss, (cosine − label)².</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="a">[pairs, width], unit rows.</param>
    /// <param name="b">[pairs, width], unit rows.</param>
    /// <param name="labels">0 or 1 per pair.</param>
    /// <returns>[1, 1].</returns>
    public static Tensor SquaredCosineError(this Tape tape, Tensor a, Tensor b, float[] labels)
    {
        if (a.Rows != b.Rows || a.Columns != b.Columns || labels.Length != a.Rows)
        {
            throw new ArgumentException($"SquaredCosineError: {a}, {b} and {labels.Length} labels do not fit.");
        }

        Tensor loss = tape.Allocate(1, 1, a.RequiresGradient || b.RequiresGradient);
        double sum = 0;
        float[] slopes = new float[a.Rows];
        for (int i = 0; i < a.Rows; i++)
        {
            float error = (float)RowOperations.Dot(a.Data + ((long)i * a.Columns), b.Data + ((long)i * a.Columns), a.Columns) - labels[i];
            sum += (double)error * error;
            slopes[i] = 2 * error / a.Rows;
        }

        loss.Span[0] = (float)(sum / a.Rows);
        if (loss.RequiresGradient)
        {
            tape.Record(new RowOperations.Backwards(t =>
            {
                float* aGradient = t.AccumulatedGradientOf(a);
                float* bGradient = t.AccumulatedGradientOf(b);
                for (int i = 0; i < a.Rows; i++)
                {
                    long row = (long)i * a.Columns;
                    RowOperations.AddScaled(b.Data + row, slopes[i] * loss.Gradient[0], aGradient + row, a.Columns);
                    RowOperations.AddScaled(a.Data + row, slopes[i] * loss.Gradient[0], bGradient + row, a.Columns);
                }
            }, loss));
        }

        return loss;
    }

    /// <summary>In-batch contrastive loss: each unit row of a must find its partner in b among all rows of b, and the other way round.</summary>
    /// <remarks>Source: van den Oord et al., 2018, arXiv:1807.03748, equation 4, taken in both directions as in CLIP (arXiv:2103.00020).</remarks>
    /// <param name="tape">Records the operation.</param>
    /// <param name="a">[pairs, width], unit rows.</param>
    /// <param name="b">[pairs, width], unit rows.</param>
    /// <param name="temperature">Divides the cosines; 0.05 is common.</param>
    /// <returns>[1, 1], the mean of both directions.</returns>
    public static Tensor ContrastiveLoss(this Tape tape, Tensor a, Tensor b, float temperature)
    {
        if (a.Rows != b.Rows || a.Columns != b.Columns)
        {
            throw new ArgumentException($"ContrastiveLoss: {a} and {b} do not fit.");
        }

        int pairs = a.Rows;
        float* similarities = tape.Scratch((long)pairs * pairs);
        float* gradient = tape.Scratch((long)pairs * pairs);
        Gemm.Multiply(tape.Workers, false, true, pairs, pairs, a.Columns, 1 / temperature, a.Data, a.Columns, b.Data, b.Columns, 0, similarities, pairs);
        double sum = 0;
        new Span<float>(gradient, pairs * pairs).Clear();
        for (int direction = 0; direction < 2; direction++)
        {
            int step = direction == 0 ? 1 : pairs;
            int stride = direction == 0 ? pairs : 1;
            for (int i = 0; i < pairs; i++)
            {
                float largest = float.NegativeInfinity;
                for (int j = 0; j < pairs; j++)
                {
                    largest = MathF.Max(largest, similarities[((long)i * stride) + ((long)j * step)]);
                }

                double total = 0;
                for (int j = 0; j < pairs; j++)
                {
                    total += Math.Exp(similarities[((long)i * stride) + ((long)j * step)] - largest);
                }

                double logTotal = Math.Log(total) + largest;
                for (int j = 0; j < pairs; j++)
                {
                    long at = ((long)i * stride) + ((long)j * step);
                    double logProbability = similarities[at] - logTotal;
                    gradient[at] += (float)((Math.Exp(logProbability) - (i == j ? 1 : 0)) / (2 * pairs));
                    sum -= i == j ? logProbability : 0;
                }
            }
        }

        Tensor loss = tape.Allocate(1, 1, a.RequiresGradient || b.RequiresGradient);
        loss.Span[0] = (float)(sum / (2 * pairs));
        if (loss.RequiresGradient)
        {
            tape.Record(new ContrastiveBackward(a, b, temperature, gradient, loss));
        }

        return loss;
    }

    /// <summary>Sum of scalar losses, each times its weight.</summary>
    /// <param name="tape">Records the operation.</param>
    /// <param name="terms">Losses [1, 1] and weights.</param>
    /// <returns>[1, 1].</returns>
    public static Tensor WeightedSum(this Tape tape, params (Tensor Loss, float Weight)[] terms)
    {
        Tensor sum = tape.Allocate(1, 1, Array.Exists(terms, term => term.Loss.RequiresGradient));
        sum.Span[0] = terms.Sum(term => term.Loss.Span[0] * term.Weight);
        if (sum.RequiresGradient)
        {
            tape.Record(new RowOperations.Backwards(t =>
            {
                foreach ((Tensor loss, float weight) in terms)
                {
                    if (loss.RequiresGradient)
                    {
                        t.AccumulatedGradientOf(loss)[0] += weight * sum.Gradient[0];
                    }
                }
            }, sum));
        }

        return sum;
    }

    private static float Largest(ReadOnlySpan<float> values)
    {
        float largest = float.NegativeInfinity;
        foreach (float value in values)
        {
            largest = MathF.Max(largest, value);
        }

        return largest;
    }

    private static void Record(Tape tape, Tensor loss, Tensor input, float* gradient)
    {
        if (loss.RequiresGradient)
        {
            tape.Record(new StoredGradientBackward(loss, input, gradient));
        }
    }

    /// <summary>Passes on a gradient that the forward pass has already computed for a loss of slope 1.</summary>
    private sealed class StoredGradientBackward(Tensor loss, Tensor input, float* gradient) : Operation
    {
        private readonly float* _gradient = gradient;

        public override void Backward(Tape tape)
        {
            if (loss.Gradient is null)
            {
                return;
            }

            float* target = tape.GradientOf(input, out bool fresh);
            if (fresh)
            {
                Elementwise.Scale(tape.Workers, _gradient, input.Count, loss.Gradient[0], target);
                return;
            }

            Elementwise.Scale(tape.Workers, _gradient, input.Count, loss.Gradient[0], _gradient);
            Elementwise.AddInPlace(tape.Workers, _gradient, input.Count, target);
        }
    }

    private sealed class ContrastiveBackward(Tensor a, Tensor b, float temperature, float* gradient, Tensor loss) : Operation
    {
        private readonly float* _gradient = gradient;

        public override void Backward(Tape tape)
        {
            if (loss.Gradient is null)
            {
                return;
            }

            float scale = loss.Gradient[0] / temperature;
            Gemm.Multiply(tape.Workers, false, false, a.Rows, a.Columns, b.Rows, scale, _gradient, b.Rows, b.Data, b.Columns, 1, tape.AccumulatedGradientOf(a), a.Columns);
            Gemm.Multiply(tape.Workers, true, false, b.Rows, b.Columns, a.Rows, scale, _gradient, b.Rows, a.Data, a.Columns, 1, tape.AccumulatedGradientOf(b), b.Columns);
        }
    }
}
