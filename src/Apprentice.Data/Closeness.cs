using Apprentice.Code;

namespace Apprentice.Data;

/// <summary>The three numbers by which a generated example is compared with real ones.</summary>
/// <param name="Lines">LC. Faults: lines that differ between faulty and fixed text. Pairs: difference of the two lengths in lines of code.</param>
/// <param name="EditDistance">ED: Levenshtein distance in characters between the two texts.</param>
/// <param name="Similarity">SS: cosine of the two texts' vectors, -1 to 1.</param>
public readonly record struct ClosenessMeasures(double Lines, double EditDistance, double Similarity);

/// <summary>A candidate with its distance from real data.</summary>
/// <param name="Id">Id of the candidate.</param>
/// <param name="Score">Lower is closer to real data.</param>
public readonly record struct ClosenessScore(string Id, double Score);

/// <summary>Selection by closeness to the real training set.</summary>
/// <remarks>
/// Source: arXiv:2408.08553 as reported by its reviews: score = |(LC − LC_ave)/LC_ave| + |(ED − ED_ave)/ED_ave| + |(SS − SS_ave)/SS_ave|.
/// The paper's text leaves the symbols' meanings open. Ours: for a fault, LC counts the lines that differ between faulty and fixed text (removed plus added,
/// spacing and comments ignored), because that is what varies among faults of one function; for a clone pair, whose sides share no
/// lines, LC is the absolute difference of their lines of code (lines that are not blank). ED is the Levenshtein distance in
/// characters and SS the cosine of the two embeddings, which the caller computes. Averages are taken over the real training set only, never over validation, test or
/// generated rows. A term whose average is 0 is dropped.
/// </remarks>
public static class Closeness
{
    /// <summary>Measures a fault against its fix.</summary>
    /// <param name="row">A row with fixed code.</param>
    /// <param name="similarity">Cosine of the vectors of faulty and fixed code.</param>
    /// <exception cref="ArgumentException">The row has no fixed code, or the similarity is no number.</exception>
    public static ClosenessMeasures OfFault(FaultExample row, double similarity)
    {
        ArgumentNullException.ThrowIfNull(row);
        string fixedCode = row.FixedCode ?? throw new ArgumentException($"Row '{row.Id}' has no fixed code; its edit cannot be measured.", nameof(row));
        FaultLabels labels = LineDiff.Label(Languages.Parse(row.Language), row.Code, fixedCode);
        return new ClosenessMeasures(labels.ChangedLines, EditDistance.Of(row.Code, fixedCode), Number(similarity));
    }

    /// <summary>Measures the two sides of a clone pair.</summary>
    /// <param name="row">The pair.</param>
    /// <param name="similarity">Cosine of the vectors of the two sides.</param>
    /// <exception cref="ArgumentException">The similarity is no number.</exception>
    public static ClosenessMeasures OfPair(ClonePair row, double similarity)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new ClosenessMeasures(
            Math.Abs(LinesOfCode(row.CodeA) - LinesOfCode(row.CodeB)),
            EditDistance.Of(row.CodeA, row.CodeB),
            Number(similarity));
    }

    /// <summary>The averages to compare with.</summary>
    /// <param name="realTraining">Measures of the real training set, and of nothing else.</param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static ClosenessMeasures Average(IEnumerable<ClosenessMeasures> realTraining)
    {
        ArgumentNullException.ThrowIfNull(realTraining);
        double lines = 0, distance = 0, similarity = 0;
        int count = 0;
        foreach (ClosenessMeasures measures in realTraining)
        {
            lines += measures.Lines;
            distance += measures.EditDistance;
            similarity += measures.Similarity;
            count++;
        }

        return count == 0
            ? throw new ArgumentException("No real training rows: there is nothing to be close to.", nameof(realTraining))
            : new ClosenessMeasures(lines / count, distance / count, similarity / count);
    }

    /// <summary>The paper's score: 0 for a row that equals the averages, more the further it is from them.</summary>
    /// <param name="row">Measures of the generated row.</param>
    /// <param name="average">Averages over the real training set.</param>
    public static double Score(ClosenessMeasures row, ClosenessMeasures average)
    {
        return Term(row.Lines, average.Lines) + Term(row.EditDistance, average.EditDistance) + Term(row.Similarity, average.Similarity);

        static double Term(double value, double average) => average == 0 ? 0 : Math.Abs((value - average) / average);
    }

    /// <summary>Keeps the rows closest to real data.</summary>
    /// <param name="rows">Ids and measures of the generated rows.</param>
    /// <param name="average">Averages over the real training set.</param>
    /// <param name="count">Rows to keep; all when there are fewer.</param>
    /// <returns>The kept rows, closest first; equal scores in the order of their ids.</returns>
    public static IReadOnlyList<ClosenessScore> Select(IEnumerable<(string Id, ClosenessMeasures Measures)> rows, ClosenessMeasures average, int count)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return
        [
            .. rows.Select(row => new ClosenessScore(row.Id, Score(row.Measures, average)))
                .OrderBy(row => row.Score).ThenBy(row => row.Id, StringComparer.Ordinal)
                .Take(count),
        ];
    }

    /// <summary>Cosine of two vectors; 0 when one of them is all zeros.</summary>
    /// <param name="a">First vector.</param>
    /// <param name="b">Second vector, as long as the first.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static double Cosine(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
        {
            throw new ArgumentException($"Cosine: the vectors have {a.Length} and {b.Length} numbers; expected as many.");
        }

        double product = 0, squareA = 0, squareB = 0;
        for (int i = 0; i < a.Length; i++)
        {
            product += (double)a[i] * b[i];
            squareA += (double)a[i] * a[i];
            squareB += (double)b[i] * b[i];
        }

        return squareA == 0 || squareB == 0 ? 0 : product / Math.Sqrt(squareA * squareB);
    }

    private static int LinesOfCode(string code)
    {
        int count = 0;
        foreach (ReadOnlySpan<char> line in code.AsSpan().EnumerateLines())
        {
            count += line.IsWhiteSpace() ? 0 : 1;
        }

        return count;
    }

    private static double Number(double similarity) =>
        double.IsFinite(similarity) ? similarity : throw new ArgumentException($"The similarity is {similarity}; expected a cosine.", nameof(similarity));
}
