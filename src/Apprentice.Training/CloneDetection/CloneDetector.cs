using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>Function vectors and clone scores with a task model or a base model: inference, and the training task.</summary>
public static class CloneDetector
{
    /// <summary>Longest stretch of a function that one training step looks at, in tokens; inference looks at all of it.</summary>
    public const int TrainingTokens = 256;

    /// <summary>Unit vectors of functions in order, [hidden] each: mean over tokens of the last layer.</summary>
    /// <param name="model">Any model.</param>
    /// <param name="functions">Texts.</param>
    /// <param name="workers">Threads.</param>
    public static IEnumerable<float[]> Embed(TaskModel model, IEnumerable<string> functions, Workers workers)
    {
        using Tape tape = new(workers);
        foreach (List<IReadOnlyList<int[]>> group in Batching.ByTokens(
            functions.Select(code => FunctionTokens.Cut(code, model.Tokenizer, model.MaximumLength)),
            windows => windows.Sum(window => window.Length)))
        {
            tape.Reset();
            RaggedBatch batch = RaggedBatch.Of([.. group.SelectMany(windows => windows)]);
            Tensor vectors = model.Encoder.Encode(tape, batch);
            int sequence = 0;
            (int Start, int End)[] ranges = new (int, int)[group.Count];
            for (int i = 0; i < group.Count; i++)
            {
                int first = batch.Offsets[sequence];
                sequence += group[i].Count;
                ranges[i] = (first, batch.Offsets[sequence]);
            }

            Tensor means = tape.UnitRows(tape.MeanRows(vectors, ranges));
            for (int i = 0; i < group.Count; i++)
            {
                yield return means.Row(i).ToArray();
            }
        }
    }

    /// <summary>Scores of pairs, higher is more alike: the cosine for a siamese head, the probability of a clone for a pair head.</summary>
    /// <param name="model">A model; without clone head its vectors are compared by cosine.</param>
    /// <param name="pairs">Texts of both sides.</param>
    /// <param name="workers">Threads.</param>
    public static double[] Predict(TaskModel model, IReadOnlyList<(string A, string B)> pairs, Workers workers)
    {
        // A function that occurs in several pairs goes through the encoder once.
        string[] texts = [.. pairs.SelectMany(pair => new[] { pair.A, pair.B }).Distinct(StringComparer.Ordinal)];
        Dictionary<string, float[]> vectors = texts.Zip(Embed(model, texts, workers)).ToDictionary(item => item.First, item => item.Second, StringComparer.Ordinal);
        if (model.PairHead is null)
        {
            return [.. pairs.Select(pair => Cosine(vectors[pair.A], vectors[pair.B]))];
        }

        double[] scores = new double[pairs.Count];
        using Tape tape = new(workers);
        const int Group = 512;
        for (int start = 0; start < pairs.Count; start += Group)
        {
            tape.Reset();
            int count = Math.Min(Group, pairs.Count - start);
            int hidden = model.Encoder.Config.HiddenSize;

            // Both orders: the head is not symmetric, the question is.
            float[] both = [.. Enumerable.Range(start, count).SelectMany(i => vectors[pairs[i].A].Concat(vectors[pairs[i].B]))
                .Concat(Enumerable.Range(start, count).SelectMany(i => vectors[pairs[i].B].Concat(vectors[pairs[i].A])))];
            Tensor logits = model.PairHead.Logits(tape, tape.Constant(both, 2 * count, 2 * hidden));
            for (int i = 0; i < count; i++)
            {
                scores[start + i] = (Sigmoid(logits.Row(i)) + Sigmoid(logits.Row(count + i))) / 2;
            }
        }

        return scores;
    }

    /// <summary>Cosine of two unit vectors.</summary>
    /// <param name="a">First vector.</param>
    /// <param name="b">Second vector, of the same length.</param>
    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Probability of the second of two classes.</summary>
    private static double Sigmoid(ReadOnlySpan<float> logits) => 1 / (1 + Math.Exp(logits[0] - logits[1]));
}

/// <summary>The training task of clone detection, for both kinds of head.</summary>
public sealed class CloneTrainingTask : ITrainingTask
{
    private readonly TaskModel _model;
    private readonly List<(int[] A, int[] B, int Label)> _items = [];

    /// <summary>Tokenises the pairs once.</summary>
    /// <param name="model">A model with clone settings.</param>
    /// <param name="pairs">Texts of both sides, and 1 for a clone or 0.</param>
    public CloneTrainingTask(TaskModel model, IEnumerable<(string A, string B, int Label)> pairs)
    {
        _model = model;
        int length = Math.Min(model.MaximumLength, CloneDetector.TrainingTokens);
        foreach ((string a, string b, int label) in pairs)
        {
            IReadOnlyList<int[]> first = FunctionTokens.Cut(a, model.Tokenizer, length);
            IReadOnlyList<int[]> second = FunctionTokens.Cut(b, model.Tokenizer, length);
            ShortenedSides += (first.Count > 1 ? 1 : 0) + (second.Count > 1 ? 1 : 0);
            _items.Add((first[0], second[0], label));
        }
    }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <summary>Sides of which training sees only the first <see cref="CloneDetector.TrainingTokens"/> tokens.</summary>
    public int ShortenedSides { get; }

    /// <inheritdoc/>
    public (Tensor Loss, int Tokens) Loss(Tape tape, IReadOnlyList<int> items, SeededRandom random)
    {
        RaggedBatch batch = RaggedBatch.Of([.. items.Select(i => _items[i].A), .. items.Select(i => _items[i].B)]);
        Tensor vectors = _model.Encoder.Encode(tape, batch);
        (int Start, int End)[] ranges = [.. Enumerable.Range(0, batch.Sequences).Select(s => (batch.Offsets[s], batch.Offsets[s + 1]))];
        Tensor unit = tape.UnitRows(tape.MeanRows(vectors, ranges));
        int[] first = [.. Enumerable.Range(0, items.Count)];
        int[] second = [.. Enumerable.Range(items.Count, items.Count)];
        Tensor a = tape.GatherRows(unit, first);
        Tensor b = tape.GatherRows(unit, second);
        int[] labels = [.. items.Select(i => _items[i].Label)];
        if (_model.PairHead is null)
        {
            return (tape.SquaredCosineError(a, b, [.. labels.Select(label => (float)label)]), batch.Tokens);
        }

        Tensor loss = tape.WeightedSum(
            (tape.CrossEntropyOf(_model.PairHead.Logits(tape, tape.JoinColumns(a, b)), labels), 0.5f),
            (tape.CrossEntropyOf(_model.PairHead.Logits(tape, tape.JoinColumns(b, a)), labels), 0.5f));
        return (loss, batch.Tokens);
    }
}
