namespace Apprentice.Compute;

/// <summary>Work cut into blocks, written once for every register width.</summary>
internal interface IWideWork
{
    /// <summary>Does one block with registers of kind L.</summary>
    void Run<L>(int block)
        where L : struct, ILanes<L>;
}

/// <summary>Runs <see cref="IWideWork"/> at the width in use.</summary>
internal static class Wide
{
    public static void Run<TWork>(Workers workers, int blocks, TWork work)
        where TWork : struct, IWideWork => workers.Run(blocks, new Block<TWork>(work));

    private readonly struct Block<TWork>(TWork work) : IBlockWork
        where TWork : struct, IWideWork
    {
        private readonly TWork _work = work;

        public void Run(int block)
        {
            TWork work = _work;
            switch (Simd.Level)
            {
                case SimdLevel.Vector512:
                    work.Run<Lanes512>(block);
                    break;
                case SimdLevel.Vector256:
                    work.Run<Lanes256>(block);
                    break;
                case SimdLevel.Vector128:
                    work.Run<Lanes128>(block);
                    break;
                default:
                    work.Run<LanesScalar>(block);
                    break;
            }
        }
    }
}
