namespace Apprentice.Tokenizers;

/// <summary>A token that is found in the text as a whole, before anything is cut or merged.</summary>
/// <param name="Id">Its id; the one of the vocabulary if it is there too.</param>
/// <param name="Content">Its text.</param>
public sealed record AddedToken(int Id, string Content)
{
    /// <summary>Whether it steers the model (<c>&lt;s&gt;</c>, <c>&lt;mask&gt;</c>) and is ordinary text in user input. Default true.</summary>
    public bool Special { get; init; } = true;

    /// <summary>Whether it counts only where no word character touches it. Default false.</summary>
    public bool SingleWord { get; init; }

    /// <summary>Whether it swallows the white space on its left. Default false; true for RoBERTa's <c>&lt;mask&gt;</c>.</summary>
    public bool StripLeft { get; init; }

    /// <summary>Whether it swallows the white space on its right. Default false.</summary>
    public bool StripRight { get; init; }

    /// <summary>Whether it is searched in the normalised text, after the others. Default false.</summary>
    public bool Normalized { get; init; }
}
