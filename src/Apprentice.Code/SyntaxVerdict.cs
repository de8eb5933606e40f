namespace Apprentice.Code;

/// <summary>Whether a text reads as its language.</summary>
/// <param name="Ok">True when no problem was found.</param>
/// <param name="Problem">The first problem in words, or null.</param>
/// <param name="Line">1-based line of the first problem, or null.</param>
public sealed record SyntaxVerdict(bool Ok, string? Problem = null, int? Line = null);
