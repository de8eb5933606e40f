namespace Apprentice.Code;

/// <summary>A programming language whose functions can be found, lexed and compared.</summary>
public enum Language
{
    /// <summary>Java.</summary>
    Java,

    /// <summary>Python 3.</summary>
    Python,

    /// <summary>C.</summary>
    C,

    /// <summary>C++.</summary>
    Cpp,

    /// <summary>C#.</summary>
    CSharp,

    /// <summary>JavaScript and TypeScript.</summary>
    JavaScript,

    /// <summary>Go.</summary>
    Go,
}
