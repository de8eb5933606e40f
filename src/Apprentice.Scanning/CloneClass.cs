using Apprentice.Code;

namespace Apprentice.Scanning;

/// <summary>How functions of a class are alike.</summary>
public enum CloneKind
{
    /// <summary>Equal tokens; layout and comments may differ (type 1).</summary>
    Exact,

    /// <summary>Equal after renaming identifiers and abstracting literals (type 2).</summary>
    Renamed,

    /// <summary>Alike by the model's vectors (types 3 and 4).</summary>
    Semantic,
}

/// <summary>A function in a class of clones.</summary>
/// <param name="Path">Its file.</param>
/// <param name="StartLine">1-based first line.</param>
/// <param name="EndLine">1-based last line.</param>
/// <param name="Name">Its name.</param>
/// <param name="Language">Its language.</param>
/// <param name="Kind">How it is like the first member of the class.</param>
/// <param name="Similarity">1 for exact and renamed copies of the first member, else the cosine with it.</param>
public sealed record CloneMember(string Path, int StartLine, int EndLine, string Name, Language Language, CloneKind Kind, double Similarity);

/// <summary>Functions that are all alike.</summary>
/// <param name="Kind">The weakest likeness in the class.</param>
/// <param name="Similarity">Least similarity of two members; 1 for exact and renamed classes.</param>
/// <param name="Members">At least two, in the order of files and lines.</param>
public sealed record CloneClass(CloneKind Kind, double Similarity, IReadOnlyList<CloneMember> Members)
{
    /// <summary>Lines beyond the shortest member: what is there more than once.</summary>
    public int RepeatedLines
    {
        get
        {
            int[] lines = [.. Members.Select(member => member.EndLine - member.StartLine + 1)];
            return lines.Sum() - lines.Min();
        }
    }
}

/// <summary>What a search for clones looks at and gives.</summary>
public sealed record CloneSearchOptions
{
    /// <summary>Least cosine of a semantic clone; null for the model's own threshold, or <see cref="BaseModelThreshold"/> for a model that was not trained on clones.</summary>
    public double? Threshold { get; init; }

    /// <summary>Least cosine with a base model. Its vectors are close together, so that only near neighbours mean something. Default 0.95.</summary>
    public const double BaseModelThreshold = 0.95;

    /// <summary>Shorter functions are left out. Default 5 lines: below are accessors and the like.</summary>
    public int MinimumLines { get; init; } = 5;

    /// <summary>Most similar pairs that are kept for grouping; bounds memory. Default 50,000.</summary>
    public int MostPairs { get; init; } = 50_000;

    /// <summary>Every problem with these settings, or none.</summary>
    public IEnumerable<string> Problems()
    {
        if (Threshold is { } threshold && !(threshold is > 0 and <= 1))
        {
            yield return $"the threshold is {threshold}; a cosine above 0 and up to 1 is expected.";
        }

        if (MinimumLines < 1)
        {
            yield return $"the least number of lines is {MinimumLines}; 1 or more is expected.";
        }

        if (MostPairs < 1)
        {
            yield return $"the number of pairs is {MostPairs}; 1 or more is expected.";
        }
    }
}

/// <summary>What a search for clones found.</summary>
/// <param name="Functions">Functions compared.</param>
/// <param name="ShortFunctions">Functions left out as too short.</param>
/// <param name="LongFunctions">Functions compared by their text only, as too long for the model.</param>
/// <param name="Threshold">Least cosine that was used.</param>
/// <param name="Classes">Exact ones first, then renamed, then semantic by similarity; those that repeat most lines first.</param>
/// <param name="PairsCut">True when there were more similar pairs than could be kept; the most similar ones were.</param>
public sealed record CloneSearchResult(int Functions, int ShortFunctions, int LongFunctions, double Threshold, IReadOnlyList<CloneClass> Classes, bool PairsCut);
