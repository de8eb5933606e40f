using Apprentice.Code;
using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>How suspicious each line of a function is.</summary>
/// <param name="Lines">For each line of the text split at <c>\n</c>: the probability that the fault is there; −1 for lines that cannot be faulty.</param>
/// <param name="FaultProbability">Probability that there is a fault at all.</param>
public sealed record LineScores(double[] Lines, double FaultProbability);

/// <summary>Line-level fault localization with a task model: inference, and the training task.</summary>
public static class FaultLocalizer
{
    /// <summary>Score of a line that cannot be faulty.</summary>
    public const double Impossible = -1;

    /// <summary>Scores functions in order, several at a time; the result of one does not depend on its neighbours.</summary>
    /// <param name="model">A model with a line head.</param>
    /// <param name="functions">Text and language of each.</param>
    /// <param name="workers">Threads.</param>
    public static IEnumerable<LineScores> Predict(TaskModel model, IEnumerable<(string Code, Language Language)> functions, Workers workers)
    {
        LineHead head = model.LineHead ?? throw new TrainingException("This model has no line head; train it for fault localization first.");
        using Tape tape = new(workers);
        foreach (List<(string Code, IReadOnlyList<LineWindow> Windows)> group in Batching.ByTokens(
            functions.Select(f => (f.Code, Windows: LineWindow.Cut(f.Code, f.Language, model.Tokenizer, model.MaximumLength))),
            item => item.Windows.Sum(window => window.Ids.Length)))
        {
            tape.Reset();
            List<LineWindow> windows = [.. group.SelectMany(item => item.Windows)];
            RaggedBatch batch = RaggedBatch.Of([.. windows.Select(window => window.Ids)]);
            (Tensor scores, int[] offsets) = head.Scores(tape, model.Encoder.Encode(tape, batch), batch.Offsets, windows);
            float[] values = scores.Span.ToArray();
            int at = 0;
            foreach ((string code, IReadOnlyList<LineWindow> own) in group)
            {
                double[] lines = new double[code.AsSpan().Count('\n') + 1];
                Array.Fill(lines, Impossible);
                double fault = 0;
                for (int w = 0; w < own.Count; w++, at++)
                {
                    double[] probabilities = Softmax(values.AsSpan(offsets[at], offsets[at + 1] - offsets[at]));
                    fault = Math.Max(fault, 1 - probabilities[0]);
                    for (int l = 0; l < own[w].Lines.Length; l++)
                    {
                        int line = own[w].Lines[l].Line;
                        lines[line] = Math.Max(lines[line], probabilities[l + 1]);
                    }
                }

                yield return new LineScores(lines, fault);
            }
        }
    }

    private static double[] Softmax(ReadOnlySpan<float> scores)
    {
        // The largest score is taken out first, so that exponentials stay finite.
        double largest = double.NegativeInfinity;
        foreach (float score in scores)
        {
            largest = Math.Max(largest, score);
        }

        double[] result = new double[scores.Length];
        double sum = 0;
        for (int i = 0; i < result.Length; i++)
        {
            sum += result[i] = Math.Exp(scores[i] - largest);
        }

        for (int i = 0; i < result.Length; i++)
        {
            result[i] /= sum;
        }

        return result;
    }
}

/// <summary>The training task of fault localization: softmax over lines and 'no fault', cross-entropy against the faulty lines.</summary>
public sealed class FaultTrainingTask : ITrainingTask
{
    private readonly TaskModel _model;
    private readonly LineHead _head;
    private readonly List<(LineWindow[] Windows, float[][] Targets)> _items = [];

    /// <summary>Tokenises the functions once.</summary>
    /// <param name="model">A model with a line head.</param>
    /// <param name="functions">Text, language and 1-based faulty lines; none for a clean function.</param>
    public FaultTrainingTask(TaskModel model, IEnumerable<(string Code, Language Language, IReadOnlyList<int> FaultyLines)> functions)
    {
        _model = model;
        _head = model.LineHead ?? throw new TrainingException("This model has no line head; create it for fault localization.");
        foreach ((string code, Language language, IReadOnlyList<int> faultyLines) in functions)
        {
            LineWindow[] windows = [.. LineWindow.Cut(code, language, model.Tokenizer, model.MaximumLength, faultyLines)];
            _items.Add((windows, [.. windows.Select(window => Targets(window, faultyLines))]));
        }
    }

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <summary>Mass of each row of a window: shared by the faulty lines in it, or all on the 'no fault' slot.</summary>
    /// <param name="window">The window.</param>
    /// <param name="faultyLines">1-based faulty lines of the function.</param>
    public static float[] Targets(LineWindow window, IReadOnlyList<int> faultyLines)
    {
        float[] targets = new float[window.Lines.Length + 1];
        int faulty = window.Lines.Count(line => faultyLines.Contains(line.Line + 1));
        for (int i = 0; i < window.Lines.Length && faulty > 0; i++)
        {
            targets[i + 1] = faultyLines.Contains(window.Lines[i].Line + 1) ? 1f / faulty : 0;
        }

        targets[0] = faulty == 0 ? 1 : 0;
        return targets;
    }

    /// <inheritdoc/>
    public (Tensor Loss, int Tokens) Loss(Tape tape, IReadOnlyList<int> items, SeededRandom random)
    {
        List<LineWindow> windows = [];
        List<float> targets = [];
        foreach (int item in items)
        {
            // A very long function would crowd out the others: one window of it a step, drawn anew each time.
            (LineWindow[] own, float[][] ownTargets) = _items[item];
            int pick = own.Length == 1 ? 0 : random.NextInt(own.Length);
            windows.Add(own[pick]);
            targets.AddRange(ownTargets[pick]);
        }

        RaggedBatch batch = RaggedBatch.Of([.. windows.Select(window => window.Ids)]);
        (Tensor scores, int[] offsets) = _head.Scores(tape, _model.Encoder.Encode(tape, batch), batch.Offsets, windows);
        return (tape.GroupedCrossEntropy(scores, offsets, [.. targets]), batch.Tokens);
    }
}
