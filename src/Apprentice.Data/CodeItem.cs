using Apprentice.Code;

namespace Apprentice.Data;

/// <summary>One function under comparison with others.</summary>
/// <param name="Id">Id of the row that it belongs to.</param>
/// <param name="Language">Language of the code.</param>
/// <param name="Code">The function's text.</param>
/// <param name="Group">
/// What makes functions alike on purpose, for example the seed that faults were put into, or null. Members of one group count
/// as duplicates only when their tokens are equal: two faults of one function differ in a token by design.
/// </param>
public sealed record CodeItem(string Id, Language Language, string Code, string? Group = null)
{
    /// <summary>The texts of a row to compare: its code, then its fixed code where it has one.</summary>
    /// <param name="row">The row.</param>
    public static IEnumerable<CodeItem> Of(FaultExample row)
    {
        ArgumentNullException.ThrowIfNull(row);
        Language language = Languages.Parse(row.Language);
        string? group = row.Provenance?.ParentId;
        yield return new CodeItem(row.Id, language, row.Code, group);
        if (row.FixedCode is { Length: > 0 } fixedCode)
        {
            yield return new CodeItem(row.Id, language, fixedCode, group);
        }
    }

    /// <summary>The two sides of a pair.</summary>
    /// <param name="row">The pair.</param>
    public static IEnumerable<CodeItem> Of(ClonePair row)
    {
        ArgumentNullException.ThrowIfNull(row);
        yield return new CodeItem(row.Id, Languages.Parse(row.LanguageA), row.CodeA);
        yield return new CodeItem(row.Id, Languages.Parse(row.LanguageB), row.CodeB);
    }
}
