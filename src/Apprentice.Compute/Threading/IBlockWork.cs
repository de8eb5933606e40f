namespace Apprentice.Compute;

/// <summary>Work that was cut into blocks which may run in any order and at the same time.</summary>
/// <remarks>
/// Implement it as a struct that carries pointers and sizes: <see cref="Workers.Run{TWork}"/> then needs neither a closure nor a boxed object.
/// The cut must follow from the shape of the data, never from the number of threads, so that every sum keeps its order.
/// </remarks>
public interface IBlockWork
{
    /// <summary>Does one block.</summary>
    /// <param name="block">Number of the block, from 0.</param>
    void Run(int block);
}
