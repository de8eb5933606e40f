namespace Apprentice.Code;

/// <summary>Derives line labels from a faulty text and its correction.</summary>
/// <remarks>
/// Lines are compared as token sequences, so spacing, blank lines, comments and Python's documentation strings do not count.
/// Deleted and changed lines of the faulty text are labelled; a line of nothing but braces only where nothing else differs,
/// and indentation counts only where nothing else differs. Where the correction only adds lines, the label is the line right after
/// the place of the addition, or the one before it when the one after is only a brace. Where it changes lines and adds others, only the changed ones
/// are labelled.
/// </remarks>
public static class LineDiff
{
    /// <summary>Labels the lines of the faulty text.</summary>
    /// <param name="language">Language of both texts.</param>
    /// <param name="faulty">The faulty text, whose lines are numbered.</param>
    /// <param name="fixedCode">The corrected text.</param>
    public static FaultLabels Label(Language language, string faulty, string fixedCode) => Label(language, faulty, fixedCode, new LineDiffOptions());

    /// <summary>Labels the lines of the faulty text.</summary>
    /// <param name="language">Language of both texts.</param>
    /// <param name="faulty">The faulty text, whose lines are numbered.</param>
    /// <param name="fixedCode">The corrected text.</param>
    /// <param name="options">What counts as a difference.</param>
    public static FaultLabels Label(Language language, string faulty, string fixedCode, LineDiffOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Dictionary<string, int> ids = new(StringComparer.Ordinal);
        CodeLines before = CodeLines.Read(language, faulty, options, ids);
        CodeLines after = CodeLines.Read(language, fixedCode, options, ids);
        FaultLabels labels = Compare(before, after, before.Ids, after.Ids);
        return labels.ChangedLines > 0 ? labels : Compare(before, after, before.IndentedIds(ids), after.IndentedIds(ids));
    }

    /// <summary>Lines that differ between two texts: removed plus added ones, compared as token sequences, blank and comment lines not counted.</summary>
    /// <param name="language">Language of both texts.</param>
    /// <param name="a">One text.</param>
    /// <param name="b">The other text.</param>
    public static int ChangedLines(Language language, string a, string b) => Label(language, a, b).ChangedLines;

    private static FaultLabels Compare(CodeLines before, CodeLines after, int[] beforeIds, int[] afterIds)
    {
        List<int> changed = [];
        List<DiffBlock> additions = [];
        int count = 0;
        foreach (DiffBlock block in SequenceDiff.Blocks(beforeIds, afterIds))
        {
            count += block.LengthA + block.LengthB;
            for (int i = 0; i < block.LengthA; i++)
            {
                changed.Add(block.StartA + i);
            }

            if (block.LengthB > 0)
            {
                additions.Add(block);
            }
        }

        List<DiffBlock> telling = additions.FindAll(block => after.BraceOnly.AsSpan(block.StartB, block.LengthB).Contains(false));
        List<int> tellingLines = changed.FindAll(index => !before.BraceOnly[index]);
        if (tellingLines.Count > 0 || (changed.Count > 0 && telling.Count == 0))
        {
            return new FaultLabels([.. (tellingLines.Count > 0 ? tellingLines : changed).Select(index => before.Numbers[index])], Insertion: false, count);
        }

        SortedSet<int> places = [];
        foreach (DiffBlock block in telling.Count > 0 ? telling : additions)
        {
            int index = block.StartA;
            if (before.Numbers.Length > 0)
            {
                bool previous = index > 0 && (index == before.Numbers.Length || (before.BraceOnly[index] && !before.BraceOnly[index - 1]));
                places.Add(before.Numbers[previous ? index - 1 : index]);
            }
        }

        return new FaultLabels([.. places], additions.Count > 0, count);
    }
}

/// <summary>What <see cref="LineDiff"/> takes for a difference.</summary>
public sealed record LineDiffOptions
{
    /// <summary>True when comments and documentation strings count as code, as for faults that consist of a comment. Default false.</summary>
    public bool CompareComments { get; init; }
}
