using Apprentice.Data;

namespace Apprentice.Evaluation;

/// <summary>Scorers without any model. A model that does not beat the best of them has learned nothing that counting could not do.</summary>
/// <remarks>
/// Lines that hold nothing but white space and braces score negative infinity: no baseline looks at them. In all but <see cref="RandomLine"/> and
/// <see cref="LongestLine"/> lines with nothing but comments come after all code. Fault probabilities are 1: these scorers do not know 'no fault'.
/// Scores are counts, so a threshold of 0.5 means nothing to them; choose one on validation data or read the ranking metrics only.
/// </remarks>
public static class Baselines
{
    /// <summary>Every line that holds more than braces is equally suspicious; the ranking metrics then give the exact expectation of choosing at random.</summary>
    /// <param name="example">A function.</param>
    public static LinePrediction RandomLine(FaultExample example) => Lines(example, _ => 1, commentsLast: false);

    /// <summary>The longest line is the most suspicious: characters without the white space around them.</summary>
    /// <param name="example">A function.</param>
    public static LinePrediction LongestLine(FaultExample example) => Lines(example, line => line.Length, commentsLast: false);

    /// <summary>The line with the most operators and brackets is the most suspicious: the baseline to beat.</summary>
    /// <remarks>Counted are single signs: everything but letters, digits, underscores, white space and commas; <c>&amp;&amp;</c> counts twice.</remarks>
    /// <param name="example">A function.</param>
    public static LinePrediction MostOperators(FaultExample example) => Lines(example, line => line.Count(c => !IsWord(c) && c != ',' && !char.IsWhiteSpace(c)));

    /// <summary>The line with the most lexical tokens is the most suspicious: runs of letters, digits and underscores, and single other signs.</summary>
    /// <param name="example">A function.</param>
    public static LinePrediction MostTokens(FaultExample example) => Lines(example, line => Words(line).Count());

    /// <summary>Clone detection by the words in common: Jaccard overlap of the token bags (with repetition) of both sides, comments included.</summary>
    /// <param name="pair">A pair.</param>
    public static PairPrediction TokenOverlap(ClonePair pair)
    {
        Dictionary<string, int> a = Bag(pair.CodeA), b = Bag(pair.CodeB);
        int common = a.Sum(entry => Math.Min(entry.Value, b.GetValueOrDefault(entry.Key))), all = a.Values.Sum() + b.Values.Sum() - common;
        return new PairPrediction(pair.Id, all == 0 ? 0 : (double)common / all);
    }

    /// <summary>The line baselines by name, in the order of tables.</summary>
    public static IReadOnlyList<(string Name, Func<FaultExample, LinePrediction> Predict)> OfLines { get; } =
    [
        ("random line", RandomLine),
        ("longest line", LongestLine),
        ("most operators", MostOperators),
        ("most tokens", MostTokens),
    ];

    private static LinePrediction Lines(FaultExample example, Func<string, double> score, bool commentsLast = true)
    {
        string[] lines = example.Code.Split('\n');
        double[] scores = new double[lines.Length];
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].Trim();
            scores[i] = line.AsSpan().Trim("{} \t").IsEmpty ? double.NegativeInfinity
                : commentsLast && BeginsComment(line) ? -1
                : score(line);
        }

        return new LinePrediction(example.Id, scores, 1);
    }

    // By its first characters: enough for whole-line comments of all seven languages and for the inner lines of block comments.
    private static bool BeginsComment(string line) =>
        line.StartsWith("//", StringComparison.Ordinal) || line.StartsWith("/*", StringComparison.Ordinal) || line[0] is '#' or '*';

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>Cuts text into runs of letters, digits and underscores and single other signs; white space is left out.</summary>
    private static IEnumerable<Range> Words(string text)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = start + 1;
            if (IsWord(text[start]))
            {
                while (end < text.Length && IsWord(text[end]))
                {
                    end++;
                }
            }

            if (!char.IsWhiteSpace(text[start]))
            {
                yield return start..end;
            }

            start = end;
        }
    }

    private static Dictionary<string, int> Bag(string code)
    {
        Dictionary<string, int> bag = new(StringComparer.Ordinal);
        foreach (Range word in Words(code))
        {
            string text = code[word];
            bag[text] = bag.GetValueOrDefault(text) + 1;
        }

        return bag;
    }
}
