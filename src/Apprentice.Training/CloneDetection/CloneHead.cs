using Apprentice.Compute;
using Apprentice.Models;

namespace Apprentice.Training;

/// <summary>How two functions are compared.</summary>
public enum CloneHeadKind
{
    /// <summary>Cosine of the two functions' mean token vectors, as UniXcoder's clone model (arXiv:2203.03850). A vector is computed once a function, so repositories can be searched.</summary>
    Siamese,

    /// <summary>Both functions' vectors side by side into a classification head, as CodeBERT's clone model in CodeXGLUE (arXiv:2102.04664); averaged over both orders.</summary>
    Pair,
}
