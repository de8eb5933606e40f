namespace Apprentice.Models;

/// <summary>Named tensors of a checkpoint, read one by one when they are needed.</summary>
public interface ITensorSource : IDisposable
{
    /// <summary>File or folder, for messages.</summary>
    string Path { get; }

    /// <summary>What there is, by name.</summary>
    IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Reads one tensor, converting its elements to float32 (true becomes 1).</summary>
    /// <param name="name">Name of the tensor.</param>
    /// <param name="values">Where to put the elements, row by row; exactly as long as the tensor.</param>
    /// <exception cref="CheckpointException">There is no such tensor, its length differs, or its type cannot be converted.</exception>
    void ReadFloat32(string name, Span<float> values);
}
