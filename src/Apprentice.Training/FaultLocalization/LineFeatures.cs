using Apprentice.Code;

namespace Apprentice.Training;

/// <summary>Which lines of a function can be faulty at all, and a few counts of each: a mean over tokens cannot tell how much is on a line.</summary>
/// <remarks>
/// A line is a candidate when it holds more than braces, brackets and separators outside comments: labels are never put on other lines.
/// In plain counting, the line with the most operators and brackets beats most small models, so the head gets those counts beside the vectors.
/// </remarks>
public sealed class LineFeatures
{
    /// <summary>Numbers per line.</summary>
    public const int Width = 6;

    private readonly bool[] _candidates;
    private readonly float[][] _features;

    private LineFeatures(bool[] candidates, float[][] features)
    {
        _candidates = candidates;
        _features = features;
    }

    /// <summary>Number of lines, as in <c>code.Split('\n')</c>.</summary>
    public int Lines => _candidates.Length;

    /// <summary>Whether a line can be faulty.</summary>
    /// <param name="line">0-based number.</param>
    public bool IsCandidate(int line) => _candidates[line];

    /// <summary>Features of a line: 0 (1 for the 'no fault' slot), log counts of lexical tokens, of operators and brackets, of identifiers, of literals, and the position in the function from 0 to 1.</summary>
    /// <param name="line">0-based number.</param>
    public float[] Of(int line) => _features[line];

    /// <summary>Features of the 'no fault' slot.</summary>
    public static float[] NoFault { get; } = [1, 0, 0, 0, 0, 0];

    /// <summary>Looks at every line.</summary>
    /// <param name="code">Text of the function.</param>
    /// <param name="language">Its language.</param>
    /// <param name="alwaysCandidates">1-based numbers of lines that count as candidates whatever is on them.</param>
    public static LineFeatures Of(string code, Language language, IReadOnlyList<int>? alwaysCandidates = null)
    {
        int lineCount = code.AsSpan().Count('\n') + 1;
        int[] tokens = new int[lineCount];
        int[] operators = new int[lineCount];
        int[] identifiers = new int[lineCount];
        int[] literals = new int[lineCount];
        bool[] candidates = new bool[lineCount];
        foreach (CodeToken token in Lexer.Tokenize(language, code))
        {
            if (token.Kind is CodeTokenKind.Comment)
            {
                continue;
            }

            int line = token.Line - 1;
            tokens[line]++;
            operators[line] += token.Kind is CodeTokenKind.Operator or CodeTokenKind.Punctuation ? 1 : 0;
            identifiers[line] += token.Kind is CodeTokenKind.Identifier ? 1 : 0;
            bool isLiteral = token.Kind is CodeTokenKind.Number or CodeTokenKind.String or CodeTokenKind.Character;
            literals[line] += isLiteral ? 1 : 0;
            if (token.Kind is CodeTokenKind.Punctuation)
            {
                continue;
            }

            // A string or a macro over several lines makes each of them a candidate.
            int last = line + code.AsSpan(token.Start, token.Length).Count('\n');
            for (int l = line; l <= last; l++)
            {
                candidates[l] = true;
            }
        }

        if (!Array.Exists(candidates, candidate => candidate))
        {
            string[] texts = code.Split('\n');
            for (int l = 0; l < lineCount; l++)
            {
                candidates[l] = !string.IsNullOrWhiteSpace(texts[l]);
            }
        }

        foreach (int line in alwaysCandidates ?? [])
        {
            candidates[line - 1] = true;
        }

        float[][] features = new float[lineCount][];
        for (int l = 0; l < lineCount; l++)
        {
            features[l] = [0, Log(tokens[l]), Log(operators[l]), Log(identifiers[l]), Log(literals[l]), (float)l / lineCount];
        }

        return new LineFeatures(candidates, features);
    }

    /// <summary>log(1 + n), scaled so that a crowded line gives about 1.</summary>
    private static float Log(int count) => MathF.Log(1 + count) / 3;
}
